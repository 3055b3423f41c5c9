import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { BuildOptions } from "esbuild";
import { expect, onTestFinished, test } from "vitest";

const fixture = fileURLToPath(new URL("./fixtures/bundled.ts", import.meta.url));

const settings = `{
  // comments are allowed
  "Sora": { "BackgroundServices": { "Services": { "GreetingService": { "Settings": { "Whom": "world" } } } }, "Logging": { "Format": "json" } }
}`;

/** Bundles the program into a folder where there is nothing else, and gives back what it writes, line by line. */
async function run(options: BuildOptions): Promise<readonly Record<string, unknown>[]> {
  const folder = await mkdtemp(join(tmpdir(), "sora-bundled-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const outfile = join(folder, options.format === "esm" ? "app.mjs" : "app.cjs");
  await build({ entryPoints: [fixture], outfile, bundle: true, platform: "node", target: "node24", logLevel: "silent", ...options });
  await writeFile(join(folder, "appsettings.json"), settings);
  const env = { PATH: process.env["PATH"], NODE_ENV: "development" };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [outfile], { cwd: folder, env });
  expect(stderr).toBe("");
  return stdout
    .trim()
    .split("\n")
    .map(line => JSON.parse(line) as Record<string, unknown>);
}

test.each<[string, BuildOptions]>([
  ["as an ES module", { format: "esm" }],
  ["as an ES module, minified", { format: "esm", minify: true }],
  ["as CommonJS", { format: "cjs" }],
  ["as CommonJS, minified", { format: "cjs", minify: true }],
])("a program bundled %s runs with nothing beside it: cron, settings with comments, and its log", async (_title, options) => {
  const lines = await run(options);
  const written = lines.at(-1);
  expect(written).toMatchObject({ greeting: "hello world", planned: true, exitCode: 0, names: ["GreetingService", "Nightly", "HealthProbeScheduler"] });
  expect(lines.find(({ msg }) => msg === "greeting")).toMatchObject({
    level: "info",
    service: "GreetingService",
    whom: "world",
    correlationId: expect.any(String),
  });
  expect(lines.map(({ msg }) => msg)).toContain("Stopping: asked to");
});
