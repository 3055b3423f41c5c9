import { findNode } from "../configuration/configuration-node.ts";
import { knownSections } from "../configuration/known-sections.ts";
import { readScalar } from "../configuration/section-rule.ts";
import type { ConfigurationTree } from "../configuration/configuration-node.ts";
import type { ConfigurationProblem } from "../configuration/configuration-problem.ts";

const key = "Sora:Store:Url";

/** What keeps `Sora:Store:Url` from naming a store though its rule takes it; where it does not, the rule's problem is told with those of the other keys. */
export function storeUrlProblems({ tree }: ConfigurationTree, contentRoot: string): readonly ConfigurationProblem[] {
  const path = key.toLowerCase().split(":");
  const node = findNode(tree, path);
  const reading = node === undefined ? undefined : readScalar(knownSections.Store.keys.Url, node);
  if (node === undefined || reading?.valid !== true || typeof reading.value !== "string") return [];
  const found = reading.value.startsWith("file:") ? fileProblem(reading.value, contentRoot) : serverProblem(reading.value);
  return found === undefined ? [] : [{ path: key, ...node.layer.locate(path), ...found }];
}

/** Where the file is: of `file:./sora.db` under the content root, of `file:///var/lib/sora.db` where it says. @throws TypeError for one that is on no machine or cannot be read. */
export function storeFile(url: string, contentRoot: string): string {
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  return url.startsWith("file://") ? fileURLToPath(url) : process.getBuiltinModule("node:path").resolve(contentRoot, url.slice("file:".length));
}

type Finding = Pick<ConfigurationProblem, "expected" | "got" | "fix">;

function fileProblem(url: string, contentRoot: string): Finding | undefined {
  const expected = "the URL of a file";
  const fix = "Write file:./sora.db for a file under the content root, file:///var/lib/sora.db for any other.";
  try {
    const file = storeFile(url, contentRoot);
    if (file.includes("\0")) return { expected, got: "a path with U+0000", fix };
    return isFolder(file) ? { expected, got: `the folder ${file}`, fix: "Name a file in it; it is made where there is none." } : undefined;
  } catch {
    return { expected, got: `${JSON.stringify(url)}, which names no path of this machine`, fix };
  }
}

function isFolder(file: string): boolean {
  try {
    return process.getBuiltinModule("node:fs").statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false; // who may not look will be told when it is opened
  }
}

/** The value is not shown: where it cannot be read, nobody knows which part of it is the password. A server's host may be left out, for the one that `pg` takes by default. */
function serverProblem(url: string): Finding | undefined {
  if (url.startsWith("memory:") || URL.canParse(url.replace("@/", "@host/"))) return undefined;
  return { expected: "the URL of a server", got: "one that cannot be read", fix: "Write postgres://user:password@host:5432/database." };
}
