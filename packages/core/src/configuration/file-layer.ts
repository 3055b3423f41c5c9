import { basename } from "node:path";

import type { ConfigurationProblem, SourceLocation } from "./configuration-problem.ts";
import { emptySection, findNode } from "./configuration-node.ts";
import type { ConfigurationLayer, SectionNode } from "./configuration-node.ts";
import { locateNames, nameKey, readJsonDocument } from "./json-document.ts";
import { readObjectLayer, repeatedName } from "./object-layer.ts";
import type { LayerReading } from "./object-layer.ts";
import type { SettingsFile } from "./settings-file.ts";

/** Reads what was found at the absolute path `file` as a layer. A missing file is an empty one; lines are looked up when asked for. */
export function readFileLayer(file: string, found: SettingsFile): LayerReading {
  if (found.kind === "missing") return { tree: emptySection, problems: [] };
  if (found.kind === "refused") {
    const { line, expected, got, fix } = found;
    return { tree: emptySection, problems: [{ path: "", ...locationIn(file, line), expected, got, fix }] };
  }
  const document = readJsonDocument(found.text);
  const problems: ConfigurationProblem[] = document.errors.map(({ line, expected, got, fix }) => ({
    path: "",
    ...locationIn(file, line),
    expected,
    got,
    fix,
  }));
  if (!("value" in document)) return { tree: emptySection, problems };
  const layer = new FileLayer(file, found.text);
  const reading = readObjectLayer(document.value, layer);
  problems.push(...reading.problems);
  if (document.repeatsNames) {
    const reported = new Set(reading.problems.map(({ path }) => path.toLowerCase()));
    for (const path of layer.repeatedPaths()) {
      if (!reported.has(path.join(":"))) problems.push(repeatedName(pathAsWritten(reading.tree, path), layer));
    }
  }
  return { tree: reading.tree, problems };
}

class FileLayer implements ConfigurationLayer {
  readonly #file: string;
  readonly #text: string;
  #lines: ReadonlyMap<string, readonly number[]> | undefined;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
  }

  locate(path: readonly string[]): SourceLocation {
    return locationIn(this.#file, path.length === 0 ? 1 : this.linesOf(path)[0]);
  }

  linesOf(path: readonly string[]): readonly number[] {
    return this.#known().get(nameKey(path)) ?? [];
  }

  repeatedPaths(): string[][] {
    return Array.from(this.#known())
      .filter(([, lines]) => lines.length > 1)
      .map(([key]) => key.split("\0"));
  }

  #known(): ReadonlyMap<string, readonly number[]> {
    return (this.#lines ??= locateNames(this.#text));
  }
}

function pathAsWritten(tree: SectionNode, path: readonly string[]): string[] {
  return path.map((part, depth) => findNode(tree, path.slice(0, depth + 1))?.name ?? part);
}

function locationIn(file: string, line: number | undefined): SourceLocation {
  const name = basename(file);
  return line === undefined ? { source: name, file } : { source: `${name}:${line}`, file, line };
}
