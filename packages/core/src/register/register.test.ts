import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

const decorators = `
export const seen: string[] = [];
export function noted(value: unknown, context: { kind: string; name: string | symbol | undefined }): void {
  seen.push(\`\${context.kind} \${String(context.name)}\`);
}
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sora register #1 "));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** Runs node as a user does: nothing set but the hook, and from the repository's root, where `@sora/core` is its own source. */
const run = (...args: readonly string[]): Promise<Ran> => runWith({}, ...args);

interface Ran {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
}

async function runWith(variables: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ran> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(NODE_|VITEST|TEST$|FORCE_COLOR)/.test(name)));
  const child = spawn("node", ["--import", "@sora/core/register", ...args], { cwd: root, env: { ...env, ...variables }, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close") as Promise<[number | null]>]);
  return { out, err, code };
}

describe("node --import @sora/core/register", { timeout: 30_000 }, () => {
  test("runs a decorated file, and what it imports, from the root with nothing else set", async () => {
    await write({
      "package.json": '{ "type": "module" }',
      "decorators.ts": decorators,
      "settings.json": '{ "name": "settings" }',
      "app.ts": `
        import settings from "./settings.json" with { type: "json" };
        import { noted, seen } from "./decorators.ts";
        interface Named { readonly name: string }
        enum Level { Low = 1, High = 2 }
        namespace Words { export const hello = "hello"; }
        @noted export class Service implements Named {
          static readonly made = () => new Service("made").name;
          @noted accessor level = Level.High;
          constructor(readonly name: string) {}
          @noted run(): string { using it = { [Symbol.dispose]() { seen.push("disposed"); } }; return Words.hello; }
        }
        const service = new Service("x");
        console.log(JSON.stringify([service.run(), service.level, Service.name, Service.made(), settings.name, seen]));
      `,
    });

    const { out, err, code } = await run(join(folder, "app.ts"));

    expect({ err, code }).toEqual({ err: "", code: 0 });
    expect(JSON.parse(out)).toEqual(["hello", 2, "Service", "made", "settings", ["accessor level", "method run", "class Service", "disposed"]]);
  });

  test("keeps what it compiled where Node does, until the file changes, and takes nothing that is damaged", async () => {
    const app = (word: string): string => `@(() => {}) class A {}\nconsole.log(A.name, "${word}");\n`;
    await write({ "package.json": '{ "type": "module" }', "kept.ts": app("one") });
    const keeping = { NODE_COMPILE_CACHE: join(folder, "compiled") };
    const start = (variables: Readonly<Record<string, string>> = {}): Promise<Ran> => runWith({ ...keeping, ...variables }, join(folder, "kept.ts"));
    const withoutEsbuild = { ESBUILD_BINARY_PATH: join(folder, "none") }; // esbuild says so wherever it is loaded
    const kept = (): readonly string[] => globSync("compiled/*/lowered/*", { cwd: folder }).map(file => join(folder, file));

    expect(await start()).toEqual({ out: "A one\n", err: "", code: 0 });
    expect(await start(withoutEsbuild)).toEqual({ out: "A one\n", err: "", code: 0 });
    expect(kept()).toHaveLength(1);

    for (const file of kept()) await writeFile(file, (await readFile(file, "utf8")).replace("one", "two"));
    expect(await start()).toEqual({ out: "A one\n", err: "", code: 0 });
    expect(await start(withoutEsbuild)).toEqual({ out: "A one\n", err: "", code: 0 });

    await write({ "kept.ts": app("two") });
    expect((await start(withoutEsbuild)).err).toContain("ESBUILD_BINARY_PATH");
    expect(await start()).toEqual({ out: "A two\n", err: "", code: 0 });
  });

  test("runs a decorated service of @sora/core", async () => {
    await write({
      "package.json": '{ "type": "module" }',
      "greeter.ts": `
        import { ServiceAction, SoraBackgroundService, SoraFluentServiceBase, SoraHost } from "@sora/core";
        @SoraBackgroundService()
        class Greeter extends SoraFluentServiceBase {
          @ServiceAction() async sayHello(): Promise<string> { return "hello"; }
        }
        await using host = await SoraHost.start({ services: [Greeter], environment: "Development", logger: false });
        console.log(await host.services(Greeter).do("say-hello").execute());
      `,
    });
    await symlink(join(root, "node_modules"), join(folder, "node_modules"), "junction");

    expect(await run(join(folder, "greeter.ts"))).toEqual({ out: "hello\n", err: "", code: 0 });
  });

  test("points stack traces at the line and column of the TypeScript", async () => {
    await write({
      "package.json": '{ "type": "module" }',
      "decorators.ts": decorators,
      "throws.ts": [
        'import { noted } from "./decorators.ts";',
        "type Long = { readonly a: string };",
        "",
        "@noted class Service {",
        "  @noted run(options: Long): void {",
        "    throw new Error(options.a);",
        "  }",
        "}",
        'try { new Service().run({ a: "boom" }); } catch (error) { console.log((error as Error).stack); }',
      ].join("\n"),
    });

    const plain = await run(join(folder, "throws.ts"));
    const flagged = await run("--enable-source-maps", join(folder, "throws.ts"));

    for (const { out } of [plain, flagged]) {
      expect(out).toMatch(/at Service\.run \(.*throws\.ts:6:11\)/);
      expect(out).toMatch(/throws\.ts:9:21/);
    }
  });

  test("leaves a program of erasable files to Node, and does not load esbuild", async () => {
    await write({
      "package.json": '{ "type": "module" }',
      "erasable.ts": `
        import { other } from "./other.ts";
        const loaded: string[] = Object.keys((await import("node:module")).createRequire(import.meta.url).cache);
        console.log(other, loaded.some(file => file.includes("esbuild")), process.sourceMapsEnabled);
      `,
      "other.ts": "/** @throws never */\nexport const other: string = 'other';",
    });

    expect(await run(join(folder, "erasable.ts"))).toEqual({ out: "other false false\n", err: "", code: 0 });
  });

  test("works in worker threads, which inherit the flag", async () => {
    await write({
      "package.json": '{ "type": "module" }',
      "decorators.ts": decorators,
      "main.ts": `
        import { Worker } from "node:worker_threads";
        import { noted } from "./decorators.ts";
        @noted class Main {}
        new Worker(new URL("./worker.ts", import.meta.url)).on("message", (message: string) => console.log(message, Main.name));
      `,
      "worker.ts": `
        import { parentPort } from "node:worker_threads";
        import { noted, seen } from "./decorators.ts";
        @noted class InWorker {}
        parentPort!.postMessage(seen.join() + " " + InWorker.name);
      `,
    });

    expect(await run(join(folder, "main.ts"))).toEqual({ out: "class InWorker InWorker Main\n", err: "", code: 0 });
  });

  test("runs TSX, and .mts and .cts files", async () => {
    await write({
      "package.json": '{ "type": "module" }',
      "decorators.ts": decorators,
      "jsx/jsx-runtime.js": "export const jsx = (tag, props) => tag + JSON.stringify(props);",
      "view.tsx": '/** @jsxImportSource #jsx */\nexport const view = <p class="a">text</p>;',
      "old.cts": `
        import { basename } from "node:path";
        enum Level { Low = 1 }
        export const old = basename("/a/old" + Level.Low);
      `,
      "new.mts": `import { noted } from "./decorators.ts";\n@noted export class New {}`,
      "kinds.ts": `
        import { view } from "./view.tsx";
        import { old } from "./old.cts";
        import { New } from "./new.mts";
        console.log(view, old, New.name);
      `,
    });
    await writeFile(join(folder, "package.json"), '{ "type": "module", "imports": { "#jsx/jsx-runtime": "./jsx/jsx-runtime.js" } }');

    expect(await run(join(folder, "kinds.ts"))).toEqual({ out: 'p{"class":"a","children":"text"} old1 New\n', err: "", code: 0 });
  });

  test.each(["commonjs", undefined])("runs ES module syntax where package.json says type %s", async type => {
    const project = `type-${type}`;
    await write({
      [`${project}/package.json`]: JSON.stringify({ type }),
      [`${project}/decorators.ts`]: decorators,
      [`${project}/app.ts`]: `
        import { noted, seen } from "./decorators.js";
        @noted class Service {}
        await Promise.resolve();
        console.log(seen.join(), import.meta.filename.endsWith("app.ts"));
      `,
    });

    const { out, code } = await run(join(folder, project, "app.ts")); // Node's own hint on a package without a type goes to stderr

    expect({ out, code }).toEqual({ out: "class Service true\n", code: 0 });
  });

  test("reports a missing import by the name the author wrote", async () => {
    await write({ "package.json": '{ "type": "module" }', "lost.ts": 'import "./nowhere.js";' });

    const { err, code } = await run(join(folder, "lost.ts"));

    expect(code).toBe(1);
    expect(err).toMatch(/Cannot find module '.*nowhere\.js'/);
  });

  test("reports a syntax error with its file and line", async () => {
    await write({ "package.json": '{ "type": "module" }', "decorators.ts": decorators, "broken.ts": "@noted class A {\n  run( {\n}\n" });

    const { err, code } = await run(join(folder, "broken.ts"));

    expect(code).toBe(1);
    expect(err).toMatch(/broken\.ts:\d+:\d+: ERROR/);
  });

  test("names the command that installs esbuild where it is missing", async () => {
    const hidesEsbuild = `
      import { registerHooks } from "node:module";
      registerHooks({ resolve(specifier, context, next) {
        if (specifier === "esbuild") throw Object.assign(new Error("Cannot find module 'esbuild'"), { code: "MODULE_NOT_FOUND" });
        return next(specifier, context);
      } });
    `;
    await write({ "package.json": '{ "type": "module" }', "hide.mjs": hidesEsbuild, "decorators.ts": decorators, "app.ts": "@noted class A {}" });

    const { err, code } = await run("--import", pathToFileURL(join(folder, "hide.mjs")).href, join(folder, "app.ts"));

    expect(code).toBe(1);
    expect(err).toContain("SORA_COMPILER_MISSING");
    expect(err).toContain("npm install --save-dev esbuild");
  });
});
