type Disposer = (this: unknown) => unknown;

/** Disposes of `value` by `Symbol.asyncDispose`, `Symbol.dispose` or a method `dispose`, whichever it has first. */
export async function disposeValue(value: unknown): Promise<void> {
  await disposerOf(value)?.call(value);
}

/** Whether {@link disposeValue} would do anything. */
export function isDisposable(value: unknown): boolean {
  return disposerOf(value) !== undefined;
}

function disposerOf(value: unknown): Disposer | undefined {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  const { [Symbol.asyncDispose]: asynchronous, [Symbol.dispose]: synchronous, dispose } = value as Readonly<Record<symbol | "dispose", unknown>>;
  return [asynchronous, synchronous, dispose].find((one): one is Disposer => typeof one === "function");
}
