/**
 * `npm run check`: everything that can be said about the code without running it. `npm run check -- types lint` runs only those named.
 * Prints the output of what failed; the last line is `N passed, N failed`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

const checks: readonly Check[] = [
  { name: "types", command: ["tsc", "-p", "tsconfig.check.json"] },
  { name: "declarations", command: ["tsc", "-b", "tsconfig.build.json"] },
  { name: "lint", command: ["oxlint"] },
  { name: "dead-code", command: ["knip"] },
  { name: "boundaries", command: ["node", "tools/check-boundaries.ts"] },
  { name: "docs", command: ["node", "tools/check-docs.ts"] },
  { name: "format", command: ["oxfmt", "--check"] },
];

const root = fileURLToPath(new URL("..", import.meta.url));

async function run({ name, command: [program, ...args] }: Check): Promise<boolean> {
  const started = performance.now();
  const PATH = [join(root, "node_modules", ".bin"), process.env["PATH"]].join(delimiter);
  const child = spawn(program, args, { cwd: root, env: { ...process.env, PATH }, stdio: ["ignore", "pipe", "pipe"], shell: process.platform === "win32" });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close") as Promise<[number | null]>]);
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)`);
  if (code !== 0) console.log(`${[program, ...args].join(" ")}\n${out}${err}`);
  return code === 0;
}

const named = process.argv.slice(2);
const unknown = named.filter(name => !checks.some(check => check.name === name));
if (unknown.length > 0) {
  console.error(`There is no check named ${unknown.join(", ")}. The checks are ${checks.map(({ name }) => name).join(", ")}.`);
  process.exitCode = 2;
} else {
  const results: boolean[] = [];
  for (const check of checks) if (named.length === 0 || named.includes(check.name)) results.push(await run(check));
  const failed = results.filter(passed => !passed).length;
  console.log(`${results.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
