import { spawnSync } from "node:child_process";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { folder, useFolder } from "./greeter-folder.ts";
import { outside, sora, SoraProcess } from "./sora-process.ts";

const root = join(import.meta.dirname, "..");

useFolder();

describe("sora new", () => {
  test("writes a project whose tests, types and start work, and services that work in it", { timeout: 120_000 }, async () => {
    await sora(["new", "app", "shop"], { cwd: folder });
    const app = join(folder, "shop");
    await symlink(join(root, "node_modules"), join(app, "node_modules"), "junction");
    for (const flags of [["Plain"], ["Decorated", "--style", "class"], ["Often", "--every", "5m"], ["OftenDecorated", "--style", "class", "--every", "5m"]]) {
      expect(await sora(["new", "service", ...flags], { cwd: app })).toMatchObject({ status: 0, err: "" });
    }
    const npm = (...args: readonly string[]): ReturnType<typeof spawnSync> =>
      spawnSync("npm", [...args], { cwd: app, encoding: "utf8", env: outside(), timeout: 60_000 });
    const tests = npm("test");
    expect(stripVTControlCharacters(String(tests.stdout))).toMatch(/Tests +6 passed \(6\)/);
    expect(npm("run", "check")).toMatchObject({ status: 0 });

    await using host = new SoraProcess(["run", "--port", "0"], { cwd: app }); // what `npm start` runs
    const env = { SORA_URL: await host.url() };
    expect((await sora(["do", "greeter", "greet", '{"name":"Ada"}'], { env })).out).toBe("Good morning, Ada.\n");
    expect((await sora(["do", "guestbook", "list-guests"], { env })).out).toBe('[\n  "Ada"\n]\n');
    expect((await sora(["trigger", "oftendecorated"], { env })).status).toBe(0);
    expect(JSON.parse((await sora(["services", "--json"], { env })).out)).toHaveLength(7);
    host.kill("SIGINT");
    expect((await host.ended()).status).toBe(0);
  });
});
