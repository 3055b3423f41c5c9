import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConsoleSession, consoleSteps, showsLike } from "./console-session.ts";
import { outside } from "./sora-process.ts";

const root = join(import.meta.dirname, "..");

/** The blocks of TypeScript that say in their first line which file they are. */
function namedFiles(markdown: string): readonly { readonly name: string; readonly source: string }[] {
  return Array.from(markdown.matchAll(/^```ts\n\/\/ ([\w-]+\.ts)\n([^]*?)^```$/gm), ([, name, source]) => ({ name: name as string, source: source as string }));
}

const documents = globSync("docs/guide/*.md", { cwd: root })
  .toSorted()
  .map(document => {
    const markdown = readFileSync(join(root, document), "utf8");
    return { document, steps: consoleSteps(markdown), files: namedFiles(markdown) };
  })
  .filter(({ steps }) => steps.length > 0);

describe("consoleSteps", () => {
  test("finds commands and what they show, in console blocks alone", () => {
    expect(consoleSteps("# T\n```console\n$ one\nout\n\n  more\n\n$ two \\\n> 2\n```\n```sh\n$ not\n```\n")).toEqual([
      { line: 3, command: "one", shown: ["out", "", "  more"] },
      { line: 8, command: "two \\\n2", shown: [] },
    ]);
  });
});

describe("showsLike", () => {
  test.each([
    [["a … c"], ["a b c"], true],
    [["a"], ["a b"], false],
    [["a", "…", "z"], ["a", "b", "c", "z"], true],
    [["…"], [], true],
    [["a"], [], false],
    [["for 2s, 12 ms, now"], ["for 31m, 3.5 s, in 5s"], true],
    [["X  running  2s  laptop-4711"], ["X     running  10m  vm-12345"], true],
    [["09:30:00.001 up at 2026-01-01T00:00:00Z"], ["23:59:59.999 up at 2027-12-31T23:59:59.123Z"], true],
    [["(.*)"], ["anything"], false],
  ])("%j and %j: %j", (shown, actual, like) => {
    expect(showsLike(shown, actual)).toBe(like);
  });
});

describe("the guide's sessions", () => {
  let folder: string;
  let port: number;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "sora-session-"));
    mkdirSync(join(folder, "bin"));
    mkdirSync(join(folder, "home"));
    // what `npm install` would fetch is what this repository has installed
    writeFileSync(
      join(folder, "bin", "npm"),
      `#!/bin/sh\n[ "$1" = install ] && exec ln -s '${join(root, "node_modules")}' node_modules\nexport PATH="$PWD/node_modules/.bin:$PATH"\nexec ${join(folder, "bin", "real-npm")} "$@"\n`,
    );
    writeFileSync(join(folder, "bin", "sora"), `#!/bin/sh\nexec '${process.execPath}' '${join(root, "packages/cli/bin/sora.js")}' "$@"\n`);
    writeFileSync(join(folder, "bin", "real-npm"), `#!/bin/sh\nPATH=$(echo "$PATH" | sed 's|${join(folder, "bin")}:||')\nexec npm "$@" --loglevel=error\n`);
    for (const name of ["npm", "sora", "real-npm"]) chmodSync(join(folder, "bin", name), 0o755);
    const server = createServer();
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    ({ port } = server.address() as AddressInfo);
    await new Promise(resolve => server.close(resolve));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test.each(documents)("$document", { timeout: 240_000 }, async ({ document, steps, files }) => {
    if (files.length > 0) {
      // the reader has a project with these files, and the packages installed
      symlinkSync(join(root, "node_modules"), join(folder, "home", "node_modules"), "junction");
      writeFileSync(join(folder, "home", "package.json"), '{ "type": "module" }');
      for (const { name, source } of files) writeFileSync(join(folder, "home", name), source);
    }
    const PATH = [join(folder, "bin"), join(root, "node_modules", ".bin"), process.env["PATH"]].join(delimiter);
    const env = { ...outside(), PATH, PORT: String(port), SORA_URL: `http://127.0.0.1:${port}` };
    await using session = new ConsoleSession(join(folder, "home"), env, output => output.replaceAll(`:${port}`, ":4310").replaceAll("\r\n", "\n"));
    for (const step of steps) {
      const actual = await session.type({ ...step, command: step.command.replaceAll(":4310", `:${port}`) });
      const typed = `${document}:${step.line} $ ${step.command}`;
      expect([typed, ...(showsLike(step.shown, actual) ? step.shown : actual)]).toEqual([typed, ...step.shown]);
    }
  });
});
