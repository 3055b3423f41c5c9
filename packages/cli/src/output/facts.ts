import { textWidth } from "./text-width.ts";
import type { Paint } from "./paint.ts";

/** Facts as aligned lines, `label  value`; those without a value are left out. Ends with a line end. */
export function facts(list: readonly (readonly [label: string, value: string | undefined])[], paint: Paint): string {
  const told = list.filter((fact): fact is readonly [string, string] => fact[1] !== undefined && fact[1] !== "");
  const width = Math.max(0, ...told.map(([label]) => textWidth(label)));
  return told.map(([label, value]) => `  ${paint("dim", label.padEnd(width))}  ${value}\n`).join("");
}
