import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { discoverServices } from "./discover.ts";

const core = new URL("../index.ts", import.meta.url).href;
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sora-discover-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function folder(name: string, files: Readonly<Record<string, string>>): Promise<URL> {
  const path = join(root, name);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(path, file, ".."), { recursive: true });
    await writeFile(join(path, file), text);
  }
  return pathToFileURL(`${path}/`);
}

test("discoverServices takes every definition exported below the folder, in the order of the paths", async () => {
  const services = await folder("good", {
    "b.service.js": `import { defineService } from ${JSON.stringify(core)}; export const second = defineService("Second", {}); export const notAService = { name: "No" };`,
    "a/first.service.ts": `import { defineService } from ${JSON.stringify(core)}; const first: object = defineService("First", {}); export default first; export const again: object = first;`,
    "helper.ts": "throw new Error('not a service file');",
    "node_modules/x/x.service.js": "throw new Error('not ours');",
  });
  expect((await discoverServices(services)).map(one => (one as { name: string }).name)).toEqual(["First", "Second"]);
});

test("discoverServices takes classes with a decorator of their own, and not abstract ones", async () => {
  const services = await folder("classes", {
    "c.service.js": `
      import { SoraBackgroundService, SoraFluentServiceBase } from ${JSON.stringify(core)};
      export class Base extends SoraFluentServiceBase {} SoraBackgroundService({ abstract: true })(Base);
      export class Taken extends Base {} SoraBackgroundService()(Taken);
      export class Plain extends Base {}`,
  });
  expect((await discoverServices(services)).map(one => (one as { name: string }).name)).toEqual(["Taken"]);
});

test("discoverServices names every file that cannot be loaded", async () => {
  const services = await folder("bad", {
    "one.service.js": "throw new Error('first trouble');",
    "two.service.js": "throw new Error('second trouble');",
    "fine.service.js": "export {};",
  });
  const error: unknown = await discoverServices(services).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "SORA_DISCOVERY_FAILED" });
  expect(String(error)).toMatch(/2 of 3[\s\S]*one\.service\.js: Error: first trouble[\s\S]*two\.service\.js: Error: second trouble/);
});

test("discoverServices says in which file Node has stopped reading, and blames decorators only where that one has some", async () => {
  const stumble = (file: string): string =>
    `const error = new SyntaxError("Expression expected"); error.stack = ${JSON.stringify(`${file}:3\nconst x = ;\n          ^\n\nSyntaxError: Expression expected\n    at parseTypeScript`)}; throw error;`;
  const plain = join(root, "stumbles", "helper.ts");
  const decorated = join(root, "stumbles", "decorated.ts");
  const services = await folder("stumbles", {
    "helper.ts": "const x = ;",
    "decorated.ts": "@SoraBackgroundService()\nclass X {}",
    "one.service.js": `// @SoraBackgroundService()\n/*\n@SoraBackgroundService() */ ${stumble(plain)}`,
    "two.service.js": stumble(decorated),
  });
  const error: unknown = await discoverServices(services).catch((thrown: unknown) => thrown);
  const [, first, second] = String(error).split("\n  - ");
  expect(first).toMatch(/one\.service\.js: SyntaxError: Expression expected at .*helper\.ts:3$/);
  expect(second).toMatch(/two\.service\.js: SyntaxError: Expression expected at .*decorated\.ts:3 \(Node alone compiles no decorators/);
});

test("discoverServices refuses a folder that is not there", async () => {
  await expect(discoverServices(join(root, "nowhere"))).rejects.toMatchObject({
    code: "SORA_DISCOVERY_FAILED",
    message: expect.stringContaining("there is no such folder"),
  });
});
