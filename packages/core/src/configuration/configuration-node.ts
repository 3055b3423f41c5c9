import type { SourceLocation } from "./configuration-problem.ts";

/** What a configuration can hold: what JSON can. */
export type ConfigurationValue = string | number | boolean | null | readonly ConfigurationValue[] | { readonly [name: string]: ConfigurationValue };

/** One place that values come from. */
export interface ConfigurationLayer {
  /** Where this layer wrote `path`, given in lower case. Never throws; may load a parser to find the line. */
  locate(path: readonly string[]): SourceLocation;
  /** Every line that writes `path`, for layers that have lines. */
  linesOf?(path: readonly string[]): readonly number[];
}

/** A scalar or an array, which is replaced as a whole. */
export interface ValueNode {
  readonly kind: "value";
  /** The key's last part as its weakest layer spells it. */
  readonly name: string;
  readonly value: ConfigurationValue;
  /** The untouched text, where the layer has nothing but texts. */
  readonly text?: string;
  readonly layer: ConfigurationLayer;
}

/** An object. Children are keyed by their name in lower case. */
export interface SectionNode {
  readonly kind: "section";
  readonly name: string;
  readonly children: ReadonlyMap<string, ConfigurationNode>;
  /** The strongest layer that has this section. */
  readonly layer: ConfigurationLayer;
  /** The section as a frozen object, made when first asked for. */
  plain?: Readonly<Record<string, ConfigurationValue>>;
}

export type ConfigurationNode = ValueNode | SectionNode;

/** Something that holds a merged tree: a snapshot, or a root, whose tree changes with each reload. */
export interface ConfigurationTree {
  readonly tree: SectionNode;
}

export const emptySection: SectionNode = {
  kind: "section",
  name: "",
  children: new Map(),
  layer: { locate: () => ({ source: "default" }) },
};

/** `strong` over `weak`: sections merge name by name, everything else is replaced. Neither is changed. */
export function mergeSections(weak: SectionNode, strong: SectionNode): SectionNode {
  if (strong.children.size === 0) return weak.children.size === 0 ? strong : weak;
  if (weak.children.size === 0)
    return weak.name === strong.name ? strong : { kind: "section", name: weak.name, children: strong.children, layer: strong.layer };
  const children = new Map(weak.children);
  for (const [key, above] of strong.children) {
    const below = children.get(key);
    if (below === undefined) children.set(key, above);
    else if (below.kind === "section" && above.kind === "section") children.set(key, mergeSections(below, above));
    else children.set(key, { ...above, name: below.name });
  }
  return { kind: "section", name: weak.name, children, layer: strong.layer };
}

/** The parts of a key in lower case; none for the empty key. */
export function splitKey(key: string): string[] {
  return key === "" ? [] : key.toLowerCase().split(":");
}

/** The node under `path`, given in lower case. */
export function findNode(from: SectionNode, path: readonly string[]): ConfigurationNode | undefined {
  let node: ConfigurationNode | undefined = from;
  for (const part of path) {
    if (node?.kind !== "section" || node.children.size === 0) return undefined; // most hosts are told little
    node = node.children.get(part);
  }
  return node;
}

/** The value under `path`, given in lower case. */
export function findValue(from: ConfigurationTree, path: readonly string[]): ConfigurationValue | undefined {
  const node = findNode(from.tree, path);
  return node === undefined ? undefined : nodeValue(node);
}

/** What a node holds, frozen all the way down; the same object each time. */
export function nodeValue(node: ConfigurationNode): ConfigurationValue {
  return node.kind === "value" ? node.value : sectionObject(node);
}

/** A section as a frozen object, names as written; the same object each time. */
export function sectionObject(section: SectionNode): Readonly<Record<string, ConfigurationValue>> {
  section.plain ??= Object.freeze(Object.fromEntries(Array.from(section.children.values(), child => [child.name, nodeValue(child)])));
  return section.plain;
}
