import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sora } from "./vite.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

const project: Readonly<Record<string, string>> = {
  "package.json": '{ "type": "module" }',
  "vitest.config.ts": `
    import { sora } from "@sora/core/vite";
    import { defineConfig } from "vitest/config";
    export default defineConfig({
      plugins: [sora()],
      oxc: { jsx: { runtime: "classic", pragma: "element" } },
      test: { coverage: { enabled: false } },
    });
  `,
  "service.ts": [
    "export const seen: string[] = [];",
    "export function noted(value: unknown, context: { kind: string; name: unknown }): void {",
    "  seen.push(`${context.kind} ${String(context.name)}`);",
    "}",
    "interface Named { readonly name: string }",
    "",
    "@noted export class Service implements Named {",
    "  @noted accessor level: number = 1;",
    "  constructor(readonly name: string) {}",
    "  @noted run(): void {",
    "    throw new Error(this.name);",
    "  }",
    "}",
  ].join("\n"),
  "greeter.test.ts": `
    import { ServiceAction, SoraBackgroundService, SoraFluentServiceBase } from "@sora/core";
    import { createTestHost } from "@sora/core/testing";
    import { expect, test } from "vitest";
    @SoraBackgroundService()
    class Greeter extends SoraFluentServiceBase {
      @ServiceAction() async sayHello(): Promise<string> { return "hello"; }
    }
    test("a decorated service answers", async () => {
      await using host = await createTestHost({ services: [Greeter] });
      expect(await host.services(Greeter).do("say-hello").execute()).toBe("hello");
    });
  `,
  "view.tsx": "const element = (tag: string) => tag; export const view = <p />;",
  "service.test.ts": `
    import { expect, test } from "vitest";
    import { seen, Service } from "./service.ts";
    import { view } from "./view.tsx";
    test("decorators ran", () => {
      expect(seen).toEqual(["accessor level", "method run", "class Service"]);
      expect(new Service("x").level).toBe(1);
    });
    test("a stack trace points at the source", () => {
      try { new Service("boom").run(); } catch (error) { expect((error as Error).stack).toMatch(/service\\.ts:11:11/); }
      expect.assertions(1);
    });
    test("the project's own JSX options hold", () => expect(view).toBe("p"));
    test("this one fails", () => new Service("boom").run());
  `,
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sora-vite-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  for (const [name, content] of Object.entries(project)) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("sora", () => {
  test("has Vitest in a project of its own run decorated classes, and report their real lines", { timeout: 60_000 }, async () => {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(NODE_|VITEST|TEST$|FORCE_COLOR)/.test(name)));
    const args = [join(root, "node_modules", "vitest", "vitest.mjs"), "run", "--reporter=json", "--outputFile=report.json"];

    const child = spawn("node", args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);

    const report = JSON.parse(await readFile(join(folder, "report.json"), "utf8").catch(() => "null")) as VitestReport | null;
    if (report === null) throw new Error(`Vitest wrote no report:\n${out}\n${err}`);
    const tests = report.testResults.flatMap(file => file.assertionResults);
    expect(tests.map(({ title, status }) => `${title}: ${status}`).toSorted()).toEqual([
      "a decorated service answers: passed",
      "a stack trace points at the source: passed",
      "decorators ran: passed",
      "the project's own JSX options hold: passed",
      "this one fails: failed",
    ]);
    expect(tests.find(({ status }) => status === "failed")?.failureMessages[0]).toMatch(/service\.ts:11:11/);
  });

  test("compiles only what needs it", async () => {
    const { transform } = sora();

    expect(await transform.handler("export const a: number = 1;", "/a.ts")).toBeUndefined();
    expect(await transform.handler("export enum A { One }", "/a.ts")).toBeUndefined();
    expect((await transform.handler("class A { accessor a = 1 }", "/a.ts?v=1"))?.map).toContain('"sources": ["/a.ts"]');
  });
});

interface VitestReport {
  readonly testResults: readonly { readonly assertionResults: readonly { title: string; status: string; failureMessages: string[] }[] }[];
}
