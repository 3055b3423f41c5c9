import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { docSnippets } from "../tools/doc-snippets.ts";

// What a newcomer does who follows the guide to the letter, but for the installing.
const root = join(import.meta.dirname, "..");
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sora-guide-e2e-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  writeFileSync(join(folder, "package.json"), '{ "name": "hello-sora", "type": "module" }');
  writeFileSync(join(folder, "notes.txt"), "The quick brown fox jumps over the lazy dog.\n");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes the files that a page of the guide names. */
function follow(page: string): void {
  const document = `docs/guide/${page}.md`;
  for (const { file, code } of docSnippets(document, readFileSync(join(root, document), "utf8"))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), code);
  }
}

function node(...args: string[]): ReturnType<typeof spawn> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(NODE_(?!COMPILE_CACHE)|VITEST|TEST$|FORCE_COLOR|SORA_)/.test(name)));
  return spawn(process.execPath, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
}

async function run(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = node(...args);
  const [out, err, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, "close") as Promise<[number | null]>]);
  return { code, output: `${out}${err}` };
}

test("getting-started: the program runs on plain node, follows its settings file, and ends at Ctrl-C with 0", async () => {
  follow("getting-started");
  const program = node("main.ts");
  try {
    let output = "";
    program.stdout!.setEncoding("utf8").on("data", (line: string) => (output += line));
    program.stderr!.setEncoding("utf8").on("data", (line: string) => (output += line));
    const closed = once(program, "close");
    const says = async (what: RegExp): Promise<void> => {
      while (!what.test(output)) {
        const ended = await Promise.race([once(program.stdout!, "data").then(() => false), closed.then(() => true)]);
        if (ended && !what.test(output)) throw new Error(`The program ended without saying ${what}. It said:\n${output}`);
      }
    };
    await says(/Report {2}notes\.txt has 9 words/);
    writeFileSync(join(folder, "appsettings.json"), '{ "Sora": { "BackgroundServices": { "Services": { "Report": { "IntervalSeconds": 0.1 } } } } }');
    await says(/The interval has changed[^]*(?:has 9 words[^]*){3}/);
    program.kill("SIGINT");
    expect(await closed).toEqual([0, null]);
  } finally {
    program.kill("SIGKILL");
  }
});

test("getting-started: a class with decorators runs with the hook, and without it is refused by node", async () => {
  follow("getting-started");
  expect(await run("--import", "@sora/core/register", "word-count-class.ts")).toMatchObject({ code: 0, output: expect.stringContaining("File number 1") });
  expect(await run("word-count-class.ts")).toMatchObject({ code: 1, output: expect.stringContaining("SyntaxError") });
});

test.each(["getting-started", "testing"])("%s: the tests pass under Vitest as the page sets it up", async page => {
  follow(page);
  const tests = await run(join(root, "node_modules", "vitest", "vitest.mjs"), "run");
  expect(tests).toMatchObject({ code: 0, output: expect.stringContaining("1 passed") });
});
