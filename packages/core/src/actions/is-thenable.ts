/** Whether work goes on after it has returned. May throw, where `then` is a getter that does. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value instanceof Promise ||
    (((typeof value === "object" && value !== null) || typeof value === "function") && typeof (value as { then?: unknown }).then === "function")
  );
}
