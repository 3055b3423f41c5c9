import type { ConfigurationProblem } from "./configuration-problem.ts";
import { emptySection, nodeValue } from "./configuration-node.ts";
import type { ConfigurationLayer, ConfigurationNode, SectionNode } from "./configuration-node.ts";
import type { EnvironmentVariables } from "./environment.ts";
import type { LayerReading } from "./object-layer.ts";

type Section = SectionNode & { readonly children: Map<string, ConfigurationNode> };

/**
 * Reads every variable whose name has parts joined by "__": `Sora__Web__Port=80` is `Sora:Web:Port`, whatever its case.
 * A value that is a JSON scalar is read as one, except numbers that would lose digits; any other is a string. Names that end
 * in 0, 1, 2, … make an array. Variables under `Sora` that contradict each other are problems; any other program's are not.
 */
export function readEnvironmentLayer(env: EnvironmentVariables): LayerReading {
  const names = Object.keys(env).filter(name => name.includes("__") && env[name] !== undefined);
  if (names.length === 0) return { tree: emptySection, problems: [] };
  const variables = new Map<string, string>();
  const layer: ConfigurationLayer = { locate: path => ({ source: describeVariable(variables.get(path.join(":"))) }) };
  const tree: Section = { kind: "section", name: "", children: new Map(), layer };
  const problems: ConfigurationProblem[] = [];
  for (const variable of names) {
    const path = variable.split("__");
    const ours = path[0]!.toLowerCase() === "sora";
    if (path.includes("")) {
      if (ours) problems.push(refuseVariable(variable, path, "names joined by two underscores each", "an empty name", "Remove the extra underscores."));
      continue;
    }
    const conflict = putVariable(tree, path, env[variable]!, variables, variable);
    if (conflict !== undefined && ours) {
      const other = describeVariable(variables.get(conflict));
      problems.push(refuseVariable(variable, path, "each key from one variable", `the same key from ${other}`, "Unset one of the two."));
    }
  }
  return { tree: { ...tree, children: arraysIn(tree) }, problems };
}

/** Puts one value into the tree, unless another variable already says otherwise; then it returns the key where that one stands. */
function putVariable(tree: Section, path: readonly string[], text: string, variables: Map<string, string>, variable: string): string | undefined {
  let section = tree;
  let key = "";
  for (const [depth, name] of path.entries()) {
    const part = name.toLowerCase();
    key = depth === 0 ? part : `${key}:${part}`;
    const known = section.children.get(part);
    const last = depth === path.length - 1;
    if (known !== undefined && (last || known.kind === "value")) {
      return last && known.kind === "value" && known.text === text ? undefined : key;
    }
    if (known === undefined) variables.set(key, variable);
    if (last) {
      section.children.set(part, { kind: "value", name, value: parseScalar(text), text, layer: tree.layer });
    } else {
      const next = (known as Section | undefined) ?? { kind: "section", name, children: new Map<string, ConfigurationNode>(), layer: tree.layer };
      section.children.set(part, next);
      section = next;
    }
  }
  return undefined;
}

function parseScalar(text: string): string | number | boolean | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "number") return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)) ? value : text;
    return typeof value === "object" && value !== null ? text : (value as string | boolean | null);
  } catch {
    return text;
  }
}

function arraysIn(section: SectionNode): Map<string, ConfigurationNode> {
  return new Map(Array.from(section.children, ([key, child]) => [key, child.kind === "value" ? child : arrayOrSection(child)]));
}

function arrayOrSection(section: SectionNode): ConfigurationNode {
  const children = arraysIn(section);
  const elements = Array.from({ length: children.size }, (_, index) => children.get(String(index)));
  if (elements.includes(undefined)) return { ...section, children };
  const value = Object.freeze(elements.map(element => nodeValue(element!)));
  return { kind: "value", name: section.name, value, layer: section.layer };
}

function describeVariable(name: string | undefined): string {
  return name === undefined ? "an environment variable" : `environment variable ${name}`;
}

function refuseVariable(variable: string, path: readonly string[], expected: string, got: string, fix: string): ConfigurationProblem {
  return { path: path.join(":"), source: describeVariable(variable), expected, got, fix };
}
