import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const fakeNpm = `
const { appendFileSync, mkdirSync } = require("node:fs");
appendFileSync("npm-runs", process.argv.slice(2).join(" ") + "\\n");
setTimeout(() => {
  mkdirSync("node_modules", { recursive: true });
  process.exitCode = Number(process.env.FAKE_NPM_STATUS ?? 0);
}, 300);
`;

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sora-setup-"));
  await mkdir(join(root, "scripts"));
  await cp(fileURLToPath(new URL("setup.mjs", import.meta.url)), join(root, "scripts", "setup.mjs"));
  await writeFile(join(root, "package-lock.json"), "{}");
  await writeFile(join(root, "npm.cjs"), fakeNpm);
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function setup(env: Readonly<Record<string, string>> = {}): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn("node", [join(root, "scripts", "setup.mjs")], {
    env: { ...process.env, npm_execpath: join(root, "npm.cjs"), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close") as Promise<[number | null]>]);
  return { code, out, err };
}

async function npmRuns(): Promise<number> {
  return (await readFile(join(root, "npm-runs"), "utf8").catch(() => "")).split("\n").filter(line => line.startsWith("ci ")).length;
}

describe("scripts/setup.mjs", { timeout: 30_000 }, () => {
  test("installs once for several commands started together, and not again until package-lock.json changes", async () => {
    const started = await Promise.all([setup(), setup(), setup()]);
    expect(started.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(await npmRuns()).toBe(1);
    expect(await readdir(root)).not.toContain(".sora-setup.lock");

    expect(await setup()).toEqual({ code: 0, out: "", err: "" });
    expect(await npmRuns()).toBe(1);

    await writeFile(join(root, "package-lock.json"), '{ "changed": true }');
    expect((await setup()).code).toBe(0);
    expect(await npmRuns()).toBe(2);
  });

  test("takes over the lock of a process that is gone", async () => {
    const { pid } = spawnSync("node", ["-e", ""]);
    await mkdir(join(root, ".sora-setup.lock"));
    await writeFile(join(root, ".sora-setup.lock", String(pid)), "");

    expect((await setup()).code).toBe(0);
    expect(await npmRuns()).toBe(1);
  });

  test("hands on npm's failure, says so, and leaves no lock", async () => {
    const { code, err } = await setup({ FAKE_NPM_STATUS: "3" });

    expect(code).toBe(3);
    expect(err).toContain("npm ci ended with status 3");
    expect(await readdir(root)).not.toContain(".sora-setup.lock");
  });

  test("refuses a Node that is too old, naming what was found and what is needed", async () => {
    const bin = join(root, "node_modules", ".bin");
    await mkdir(bin, { recursive: true });
    if (process.platform === "win32") await writeFile(join(bin, "node.cmd"), "@echo 24.14.1\r\n");
    else await writeFile(join(bin, "node"), "#!/bin/sh\necho 24.14.1\n", { mode: 0o755 });

    const { code, err } = await setup();

    expect(code).toBe(1);
    expect(err).toContain("needs Node 24.15 or later, but `node` here is 24.14.1");
  });
});
