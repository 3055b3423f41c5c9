import type { ConfigurationNode, SectionNode } from "./configuration-node.ts";
import { knownSections } from "./known-sections.ts";
import { isScalarRule, readScalar } from "./section-rule.ts";
import type { ConfigurationRule } from "./section-rule.ts";

/**
 * `tree` with the values of Sora's own sections as their rules read them, so that `get` and a typed read agree: the
 * variable `TRUE` is true, a token of digits is a string, the level `Info` is `info`. What breaks its rule stays as written.
 */
export function normalizeKnown(tree: SectionNode): SectionNode {
  return normalize(tree, rootRule) as SectionNode;
}

const rootRule: ConfigurationRule = { type: "section", keys: { Sora: { type: "section", keys: knownSections } } };

function normalize(node: ConfigurationNode, rule: ConfigurationRule): ConfigurationNode {
  if (isScalarRule(rule)) {
    const reading = readScalar(rule, node);
    if (node.kind === "section" || !reading.valid || reading.value === undefined || reading.value === node.value) return node;
    return { ...node, value: reading.value };
  }
  if (node.kind === "value" || rule.type === "free") return node;
  const rules = rule.type === "section" ? new Map(Object.entries(rule.keys).map(([key, below]) => [key.toLowerCase(), below])) : undefined;
  let changed = false;
  const children = new Map<string, ConfigurationNode>();
  for (const [key, child] of node.children) {
    const below = rule.type === "named" ? rule.each : rules?.get(key);
    const normal = below === undefined ? child : normalize(child, below);
    changed ||= normal !== child;
    children.set(key, normal);
  }
  // not a spread: what the section caches of itself holds the old values
  return changed ? { kind: "section", name: node.name, children, layer: node.layer } : node;
}
