/**
 * `npm run bench [filter]` compares Sora with its peers and with what the platform can do at best, both in one run and in turns. Every target is a ratio; the exit code is 1
 * where one was missed. Give a part of a case's name to run that case alone.
 */
import { globSync } from "node:fs";
import { join } from "node:path";
import { holds } from "./bench-case.ts";
import type { BenchCase, Target } from "./bench-case.ts";

const filter = process.argv[2] ?? "";
const files = globSync("*.bench.ts", { cwd: import.meta.dirname }).toSorted();
const cases = await Promise.all(files.map(async file => ((await import(join(import.meta.dirname, file))) as { readonly default: BenchCase }).default));
const chosen = cases.filter(({ name }) => name.includes(filter));
if (chosen.length === 0) {
  console.error(`No case has "${filter}" in its name; there are: ${cases.map(({ name }) => name).join(", ")}.`);
  process.exitCode = 2;
}
for (const { name, features, run } of chosen) {
  console.log(`\n# ${name}\n${features}\n`);
  const { figures, targets } = await run();
  const width = Math.max(...figures.map(([contestant]) => contestant.length));
  for (const [contestant, figure] of figures) console.log(`  ${contestant.padEnd(width)}  ${figure}`);
  for (const target of targets) report(target);
}

function report(target: Target): void {
  const { what, measured, atLeast, atMost, unit = "" } = target;
  const bound = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
  const passed = holds(target);
  if (!passed) process.exitCode = 1;
  console.log(`${passed ? "pass" : "FAIL"}  ${what}: ${measured.toFixed(2)}${unit} (target ${bound}${unit})`);
}
