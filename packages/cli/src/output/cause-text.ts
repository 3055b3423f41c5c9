import { fromNow } from "./ages.ts";
import { oneLine } from "./printable.ts";

/** What went wrong, with its code, and when. */
export function causeText({ message, code, at }: { readonly message: string; readonly code?: string; readonly at: number }, now: number): string {
  return `${oneLine(message)}${code === undefined ? "" : ` [${oneLine(code)}]`}, ${fromNow(at, now)}`;
}
