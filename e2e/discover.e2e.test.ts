import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sora-discover-e2e-"));
  const services = join(folder, "services");
  mkdirSync(join(services, "deeper"), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(
    join(folder, "main.ts"),
    `import { SoraHost } from "@sora/core";
     const host = await SoraHost.start({ discover: new URL("./services/", import.meta.url), logger: false });
     console.log(host.list().map(one => one.name).join(" "));
     await host.stop();`,
  );
  writeFileSync(
    join(services, "deeper", "decorated.service.ts"),
    `import { SoraBackgroundService, SoraFluentServiceBase } from "@sora/core";
     @SoraBackgroundService()
     export class Decorated extends SoraFluentServiceBase {}`,
  );
  writeFileSync(join(services, "plain.service.ts"), `import { defineService } from "@sora/core"; export const plain: object = defineService("Plain", {});`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]): { readonly status: number | null; readonly out: string; readonly err: string } {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(NODE_(?!COMPILE_CACHE)|VITEST|SORA_)/.test(name)));
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, "main.ts"], { cwd: folder, env, encoding: "utf8" });
  return { status, out: stdout, err: stderr };
}

test("a discovered file with decorators stops a start on plain node, and the error names the file and the command that helps", () => {
  const { status, err } = run();
  expect(status).toBe(1);
  expect(err).toContain("SORA_DISCOVERY_FAILED");
  expect(err).toMatch(/Cannot load 1 of 2 service files:\n.*decorated\.service\.ts: SyntaxError: .*run the program with `node --import @sora\/core\/register`/);
});

test("the same folder starts with the hook", () => {
  expect(run("--import", "@sora/core/register")).toMatchObject({ status: 0, out: "Decorated Plain HealthProbeScheduler\n" });
});
