/**
 * One line for anything that was thrown, whatever it is: `undefined`, a Proxy whose traps throw, an object whose
 * `message` getter throws. Never throws itself. Control characters stay; log sinks escape them.
 */
export function describeError(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return thrown.message === "" ? thrown.name : `${thrown.name}: ${thrown.message}`;
    if (typeof thrown === "string") return thrown;
    if (typeof thrown === "object" && thrown !== null && "message" in thrown && typeof thrown.message === "string") return thrown.message;
    return String(thrown);
  } catch {
    return "a thrown value that cannot be described";
  }
}

/** Anything that was thrown, as an Error: itself where it is one, else wrapped with the original as `cause`. Never throws. */
export function toError(thrown: unknown): Error {
  try {
    if (thrown instanceof Error) {
      void thrown.message; // a throwing getter must fail here, not in a log sink
      return thrown;
    }
  } catch {
    return new Error("a thrown value that cannot be described");
  }
  return new Error(describeError(thrown), { cause: thrown });
}
