import type { ConfigurationWarning } from "./configuration-problem.ts";
import type { ConfigurationNode, SectionNode } from "./configuration-node.ts";

/** What a reload changed. */
export interface ConfigurationChange {
  /** The keys of the values that were added, changed or removed, as written, parts joined by ":". */
  readonly keys: ReadonlySet<string>;
  readonly warnings: readonly ConfigurationWarning[];
  /** Whether the value at `key`, or anything under it, changed. Case does not matter. */
  affects(key: string): boolean;
}

/** The change from one tree to another; `undefined` where they hold the same values. */
export function compareTrees(before: SectionNode, after: SectionNode, warnings: readonly ConfigurationWarning[] = []): ConfigurationChange | undefined {
  const keys = new Set<string>();
  compareNodes(before, after, "", keys);
  if (keys.size === 0) return undefined;
  let affected: Set<string> | undefined;
  return { keys, warnings, affects: key => (affected ??= withParents(keys)).has(key.toLowerCase()) };
}

function compareNodes(before: ConfigurationNode | undefined, after: ConfigurationNode | undefined, path: string, keys: Set<string>): void {
  if (before === after) return;
  const values = [before, after].filter(node => node?.kind === "value");
  if (values.length > 0 && !(values.length === 2 && sameValue(values[0], values[1]))) keys.add(path);
  const below = before?.kind === "section" ? before.children : undefined;
  const above = after?.kind === "section" ? after.children : undefined;
  for (const [key, child] of below ?? []) compareNodes(child, above?.get(key), join(path, child.name), keys);
  for (const [key, child] of above ?? []) if (!below?.has(key)) compareNodes(undefined, child, join(path, child.name), keys);
}

function sameValue(before: ConfigurationNode | undefined, after: ConfigurationNode | undefined): boolean {
  if (before?.kind !== "value" || after?.kind !== "value") return false;
  return before.value === after.value || (typeof before.value === "object" && JSON.stringify(before.value) === JSON.stringify(after.value));
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}:${name}`;
}

function withParents(keys: Iterable<string>): Set<string> {
  const all = new Set<string>([""]);
  for (const key of keys) {
    const parts = key.toLowerCase().split(":");
    for (let length = parts.length; length > 0; length--) all.add(parts.slice(0, length).join(":"));
  }
  return all;
}
