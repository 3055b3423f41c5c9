/**
 * Holds the documents to the files and the code: `node tools/check-docs.ts` lists every relative link of a *.md file that leads nowhere, and every error
 * code without its heading in docs/reference/errors.md, or heading without its code, every key of the configuration that docs/guide/configuration.md does not list, or lists in vain, the same of the
 * options of a host and docs/guide/lifecycle.md, decisions without a number of their own, and every room and name in ARCHITECTURE.md that the code has not. Exits 1 where there is one.
 */
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { knownSections } from "../packages/core/src/configuration/known-sections.ts";
import { errorCatalogue } from "../packages/core/src/errors/catalogue.ts";
import { hostChecks } from "../packages/core/src/host/check-host-options.ts";
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

interface Rule {
  readonly type: string;
  readonly keys?: Readonly<Record<string, Rule>>;
  readonly each?: Rule;
}

/** The keys that `rules` allow, each joined by ":"; without whole sections that nothing looks into. */
export function keysOf(rules: Readonly<Record<string, Rule>>, before = ""): readonly string[] {
  return Object.entries(rules).flatMap(([name, { type, keys, each }]) => {
    const key = `${before}${name}`;
    if (keys !== undefined) return keysOf(keys, `${key}:`);
    if (each?.keys !== undefined) return keysOf(each.keys, `${key}:{name}:`);
    return type === "free" && before === "" ? [] : [key];
  });
}

/** Keys under `Sora` that the table of docs/guide/configuration.md does not list, or lists though there is none. In a row `:Other` stands for the key before it with another end. */
export function untiedKeys(keys: readonly string[], page: string): readonly string[] {
  const [table = ""] = /^\| key under `Sora` \|[^]*?\n(?!\|)/m.exec(page) ?? [];
  const listed = Array.from(table.matchAll(/^\| (`[^|]+`) \|/gm), ([, cell]) => Array.from(cell!.matchAll(/`([^`]+)`/g), ([, key]) => key!)).flatMap(
    ([first = "", ...others]) => [first, ...others.map(other => (other.startsWith(":") ? first.replace(/:[^:]+$/, other) : other))],
  );
  return [
    ...keys.filter(key => !listed.includes(key)).map(key => `docs/guide/configuration.md does not list ${key}`),
    ...listed.filter(key => !keys.includes(key)).map(key => `docs/guide/configuration.md lists ${key}, which is no key`),
  ];
}

/** Options of a host that the table of docs/guide/lifecycle.md does not list, or lists though there is none. */
export function untiedHostOptions(options: readonly string[], page: string): readonly string[] {
  const [table = ""] = /^## Every option of a host$[^]*?^\| option [^]*?\n(?!\|)/m.exec(page) ?? [];
  const listed = Array.from(table.matchAll(/^\| (`[^|]+`) \|/gm), ([, cell]) => Array.from(cell!.matchAll(/`([^`]+)`/g), ([, option]) => option!)).flat();
  return [
    ...options.filter(option => !listed.includes(option)).map(option => `docs/guide/lifecycle.md does not list ${option}, an option of a host`),
    ...listed.filter(option => !options.includes(option)).map(option => `docs/guide/lifecycle.md lists ${option}, which is no option of a host`),
  ];
}

/** Decisions, which are the files of docs/decisions, that have no number or that of another, and numbers that were left out. */
export function misnumberedDecisions(files: readonly string[]): readonly string[] {
  const numberOf = (file: string): string | undefined => /^(\d{4})-/.exec(file)?.[1];
  const numbers = files.flatMap(file => numberOf(file) ?? []).toSorted();
  return [
    ...files.filter(file => numberOf(file) === undefined).map(file => `docs/decisions/${file} has no number`),
    ...numbers.filter((number, at) => numbers.indexOf(number) !== at).map(number => `docs/decisions has two of number ${number}`),
    ...[...new Set(numbers)]
      .filter((number, at) => Number(number) !== at + 1)
      .slice(0, 1)
      .map(number => `docs/decisions has a gap before ${number}`),
  ];
}

/** Rooms, which are the folders of packages/core/src, that ARCHITECTURE.md does not list, or lists though there is none. */
export function untiedRooms(rooms: readonly string[], architecture: string): readonly string[] {
  const [list = ""] = /^## The rooms [^]*?^```$[^]*?^```$/m.exec(architecture) ?? [];
  const listed = Array.from(list.matchAll(/^(\w+)\/ /gm), ([, room]) => room!);
  return [
    ...rooms.filter(room => !listed.includes(room)).map(room => `ARCHITECTURE.md does not list the room ${room}/`),
    ...listed.filter(room => !rooms.includes(room)).map(room => `ARCHITECTURE.md lists ${room}/, which is no room`),
  ];
}

/** Names in inline code of a document, of files and of things in the code, that no source has. */
export function untiedNames(file: string, markdown: string, sources: string): readonly string[] {
  const spans = Array.from(markdown.replace(fence, "").matchAll(/`([^`\n]+)`/g), ([, span]) => span!);
  const names = new Set(spans.filter(span => /^[\w.]+(?:\(\))?$/.test(span)).flatMap(span => span.replace("()", "").split(".")));
  return [...names].filter(name => !new RegExp(`\\b${name}\\b`).test(sources)).map(name => `${file} speaks of ${name}, which is not in the code`);
}

/** Every problem of the documents under `root`. */
export function docProblems(root: string): readonly string[] {
  const files = globSync("**/*.md", { cwd: root, exclude: name => /(?:^|[\\/])(?:node_modules|dist|out|inbox|\.git)$/.test(name) });
  const page = join(root, "docs", "reference", "errors.md");
  const core = join(root, "packages", "core", "src");
  const architecture = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const rooms = readdirSync(core, { withFileTypes: true }).filter(entry => entry.isDirectory());
  const sources = globSync("**/*.ts", { cwd: core }).map(file => readFileSync(join(core, file), "utf8"));
  return [
    ...untiedRooms(
      rooms.map(({ name }) => name),
      architecture,
    ),
    ...untiedNames("ARCHITECTURE.md", architecture, sources.join("\n")),
    ...untiedHostOptions(Object.keys(hostChecks), readFileSync(join(root, "docs", "guide", "lifecycle.md"), "utf8")),
    ...misnumberedDecisions(readdirSync(join(root, "docs", "decisions")).filter(file => file !== "README.md")),
    ...untiedKeys(keysOf(knownSections), readFileSync(join(root, "docs", "guide", "configuration.md"), "utf8")),
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
