import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** Loads the configuration of `contentRoot` in a process of its own, does `then` with it as `root`, and lists the libraries that were loaded. */
async function librariesLoaded(contentRoot: string, then = ""): Promise<string[]> {
  const program = `
    import { registerHooks } from "node:module";
    const asked = new Set();
    registerHooks({ resolve(specifier, context, next) { asked.add(specifier); return next(specifier, context); } });
    const load = name => import(new URL(name, ${JSON.stringify(import.meta.url)}).href);
    const { loadConfiguration } = await load("./load-configuration.ts");
    const { validateConfiguration } = await load("./validate-configuration.ts");
    const { watchConfiguration } = await load("./watch-configuration.ts");
    const { systemClock } = await load("../time/system-clock.ts");
    const root = await loadConfiguration({ contentRoot: process.argv[1], env: {} });
    ${then};
    console.log(JSON.stringify([...asked].filter(name => !/^(\\.|node:|file:)/.test(name))));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program, contentRoot]);
  return JSON.parse(stdout) as string[];
}

let contentRoot: string;
beforeAll(async () => {
  contentRoot = await mkdtemp(join(tmpdir(), "sora-lazy-loading-"));
});
afterAll(() => rm(contentRoot, { recursive: true }));

describe("loadConfiguration", () => {
  test("loads no library for plain JSON without problems, read, validated and reloaded", async () => {
    await writeFile(join(contentRoot, "appsettings.json"), '{ "Sora": { "Web": { "Port": 1 } } }');
    expect(await librariesLoaded(contentRoot, "validateConfiguration(root); await root.reload(); root.get('Sora:Web:Port')")).toEqual([]);
  });

  test("loads the parser of comments for a line, and the watcher for a watch, which holds no process open", async () => {
    expect(await librariesLoaded(contentRoot, "root.source('Sora:Web')")).toContain("jsonc-parser");
    expect(await librariesLoaded(contentRoot, "await watchConfiguration(root, { clock: systemClock })")).toContain("chokidar");
  });
});
