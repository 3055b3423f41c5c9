import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileErrors } from "./compile-errors.ts";
import { docSnippets, snippetFolder } from "./doc-snippets.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const snippets = globSync("{README.md,packages/*/README.md,docs/{guide,reference}/**/*.md}", { cwd: root })
  .toSorted()
  .flatMap(document => docSnippets(document.replaceAll("\\", "/"), readFileSync(join(root, document), "utf8")));

const documentsToRun = [...new Set(snippets.filter(({ run }) => run).map(({ document }) => document))];

describe("docSnippets", () => {
  test("finds ts blocks, their line, their file and whether to run them", () => {
    const markdown = "# T\n```ts\nconst a = 1;\n```\ntext\n```ts run\n// services/a.service.ts\nexport {};\n```\n```sh\nls\n```\n```tsx\n<p/>\n```\n";

    expect(docSnippets("docs/guide/Calls.md", markdown)).toEqual([
      { document: "docs/guide/Calls.md", line: 3, run: false, file: "calls-3.ts", code: "\n\nconst a = 1;\n" },
      { document: "docs/guide/Calls.md", line: 7, run: true, file: "services/a.service.ts", code: "\n\n\n\n\n\n// services/a.service.ts\nexport {};\n" },
    ]);
    expect(snippetFolder("docs/guide/Calls.md")).toBe("docs-guide-calls");
  });
});

describe("the READMEs' and the guide's snippets", () => {
  let folder: string;
  const fileOf = (snippet: (typeof snippets)[number]): string => join(folder, snippetFolder(snippet.document), snippet.file);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sora-snippets-"));
    await symlink(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    await writeFile(join(folder, "run.mjs"), runner);
    for (const snippet of snippets) {
      await mkdir(dirname(fileOf(snippet)), { recursive: true });
      await writeFile(fileOf(snippet), snippet.code);
    }
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("compile", { timeout: 120_000 }, async () => {
    const canary = join(folder, "canary.ts"); // shows that a snippet that does not compile would be seen
    await writeFile(canary, 'import { errorCatalogue } from "@sora/core/no-such-entry";\nexport { errorCatalogue };\n');

    const errors = await compileErrors(folder, [canary, ...snippets.map(fileOf)]);

    expect(errors.filter(({ file }) => file === canary)).toHaveLength(1);
    const documentOf = new Map(snippets.map(snippet => [fileOf(snippet), snippet.document]));
    const wrong = errors.filter(({ file }) => file !== canary);
    expect(wrong.map(({ file, line, message }) => `${documentOf.get(file) ?? relative(root, file)}:${line} ${message}`)).toEqual([]);
  });

  // One process for the snippets of a document, one after the other: most of the time a snippet takes is the start of its process.
  test.each(documentsToRun)("of %s run", { timeout: 60_000 }, async document => {
    const files = snippets.filter(snippet => snippet.document === document && snippet.run).map(fileOf);
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(NODE_(?!COMPILE_CACHE)|VITEST|TEST$|FORCE_COLOR|SORA_)/.test(name)));
    const child = spawn("node", ["--import", "@sora/core/register", join(folder, "run.mjs"), ...files], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });

    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close") as Promise<[number | null]>]);

    expect(code, `${out}\n${err}`).toBe(0);
    expect(out.match(/^running /gm)).toHaveLength(files.length);
  });
});

/** Imports the files it is given in turn, each from its own folder. */
const runner = `
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
for (const file of process.argv.slice(2)) {
  console.log("running " + file);
  process.chdir(dirname(file));
  await import(pathToFileURL(file).href);
}
`;
