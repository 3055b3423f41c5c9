/** Disposes of `value` by `Symbol.asyncDispose`, `Symbol.dispose` or a method `dispose`, whichever it has first. */
export async function disposeValue(value: unknown): Promise<void> {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return;
  const disposable = value as { [Symbol.asyncDispose]?: unknown; [Symbol.dispose]?: unknown; dispose?: unknown };
  const dispose = disposable[Symbol.asyncDispose] ?? disposable[Symbol.dispose] ?? disposable.dispose;
  if (typeof dispose === "function") await (dispose as () => unknown).call(value);
}
