/** What of an object's kind is no sign that its members are not all there is to it. The wrappers of texts, numbers and booleans are what they wrap in JSON. */
const plainKinds: readonly string[] = ["Object", "Array", "Error", "Arguments", "String", "Number", "Boolean"];

/**
 * The kind of an object that JSON would write as `{}`, though it says that it is something else: a `RegExp`, a `WeakMap`, a generator, an iterator, `Headers`, a stream. `undefined` of all
 * others: an instance of a class that gives itself no `Symbol.toStringTag` is its members, though there be none. May throw what the object throws.
 */
export function hollowKind(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === Array.prototype || prototype === null) return undefined;
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  return plainKinds.includes(kind) || Object.keys(value).length > 0 ? undefined : kind;
}
