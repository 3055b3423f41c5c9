/**
 * Holds the documents to the files and the code: `node tools/check-docs.ts` lists every relative link of a *.md file that leads nowhere, and every error
 * code without its heading in docs/reference/errors.md, or heading without its code. Exits 1 where there is one.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { errorCatalogue } from "../packages/core/src/errors/catalogue.ts";
import { webErrorCatalogue } from "../packages/web/src/http/web-error-catalogue.ts";

const fence = /^([ \t]*)(```+|~~~+)[^]*?^\1\2[ \t]*$/gm;
const inlineCode = /`[^`\n]*`/g;
const link = /\[(?:[^\][]|\[[^\]]*\])*\]\(\s*<?([^()\s<>]+(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+"[^"]*")?\s*\)/g;
const heading = /^#{1,6}[ \t]+(.+?)[ \t]*#*$/gm;

/** The relative links of `markdown`, which is `file` under `root`, that lead to no file or to no heading of one. */
export function brokenLinks(root: string, file: string, markdown: string): readonly string[] {
  const problems: string[] = [];
  for (const [, target] of markdown.replace(fence, "").replace(inlineCode, "").matchAll(link)) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(target!)) continue;
    const [path, anchor] = decodeURIComponent(target!).split("#", 2) as [string, string?];
    if (path === "") {
      if (anchor && !anchors(markdown).has(anchor)) problems.push(`${file}: ${target} leads to no heading`);
      continue;
    }
    const found = resolve(root, dirname(file), path);
    if (relative(root, found).startsWith("..")) problems.push(`${file}: ${target} leads out of the repository`);
    else if (!existsSync(found)) problems.push(`${file}: ${target} leads to no file`);
    else if (anchor && found.endsWith(".md") && !anchors(readFileSync(found, "utf8")).has(anchor)) problems.push(`${file}: ${target} leads to no heading`);
  }
  return problems;
}

function anchors(markdown: string): ReadonlySet<string> {
  const headings = markdown.replace(fence, "").matchAll(heading);
  return new Set(
    Array.from(headings, ([, text]) =>
      text!
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replace(/\s/g, "-"),
    ),
  );
}

/** Codes without a heading in the page, and headings named like a code that is none. */
export function untiedCodes(codes: readonly string[], page: string): readonly string[] {
  const described = Array.from(page.matchAll(/^#+[ \t]+`?(SORA_[A-Z0-9_]+)`?[ \t]*$/gm), ([, code]) => code!);
  return [
    ...codes.filter(code => !described.includes(code)).map(code => `docs/reference/errors.md has no heading ${code}`),
    ...described.filter(code => !codes.includes(code)).map(code => `docs/reference/errors.md describes ${code}, which no error carries`),
    ...described.filter((code, at) => described.indexOf(code) !== at).map(code => `docs/reference/errors.md describes ${code} twice`),
  ];
}

/** Every problem of the documents under `root`. */
export function docProblems(root: string): readonly string[] {
  const files = globSync("**/*.md", { cwd: root, exclude: name => /(?:^|[\\/])(?:node_modules|dist|out|inbox|\.git)$/.test(name) });
  const page = join(root, "docs", "reference", "errors.md");
  return [
    ...files.toSorted().flatMap(file => brokenLinks(root, file, readFileSync(join(root, file), "utf8"))),
    ...untiedCodes([...Object.keys(errorCatalogue), ...Object.keys(webErrorCatalogue)], existsSync(page) ? readFileSync(page, "utf8") : ""),
  ];
}

if (import.meta.main) {
  const problems = docProblems(fileURLToPath(new URL("..", import.meta.url)));
  for (const problem of problems) console.error(problem);
  console.log(`${problems.length} problems in the documents`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
