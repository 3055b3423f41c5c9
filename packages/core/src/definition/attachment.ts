/** Where what belongs to frozen objects is kept: shared by all copies of the package. */
const slot = Symbol.for("sora.attachments");

type Beside = WeakMap<object, Map<symbol, unknown>>;

function beside(): Beside {
  return ((globalThis as Record<symbol, unknown>)[slot] ??= new WeakMap()) as Beside;
}

/**
 * Keeps `value` with `holder`, a user's class or object, under a registered symbol, so that every copy of the package finds it. What is attached once stays. A holder
 * that can take no property (a frozen class) has its values kept beside it.
 */
export function attach(holder: object, key: symbol, value: unknown): void {
  if (Object.isExtensible(holder) && Reflect.defineProperty(holder, key, { value })) return;
  const values = beside().get(holder) ?? new Map<symbol, unknown>();
  values.set(key, value);
  beside().set(holder, values);
}

/** What {@link attach} has put on `holder` itself; nothing of its prototypes. */
export function attached(holder: object, key: symbol): unknown {
  if (Object.hasOwn(holder, key)) return (holder as Readonly<Record<symbol, unknown>>)[key];
  return Object.isExtensible(holder) ? undefined : beside().get(holder)?.get(key);
}
