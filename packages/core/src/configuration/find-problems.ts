import { findNode, nodeValue, splitKey } from "./configuration-node.ts";
import type { ConfigurationNode, ConfigurationTree, SectionNode } from "./configuration-node.ts";
import type { ConfigurationFindings, ConfigurationProblem, ConfigurationWarning, SourceLocation } from "./configuration-problem.ts";
import { knownSections, serviceRule } from "./known-sections.ts";
import { nearestName } from "../options/nearest-name.ts";
import { isSecretKey, redacted, redactValue } from "../logging/redact.ts";
import { describeRule, exampleOf, isScalarRule, readScalar } from "./section-rule.ts";
import type { ConfigurationRule, SectionRule } from "./section-rule.ts";

/** What a host knows that its configuration is held against. */
export interface KnownConfiguration {
  /** The names of the services this host has. */
  readonly serviceNames?: ReadonlySet<string> | readonly string[];
  /** The `configurationSection` of each service that has one, by service name. */
  readonly serviceSections?: ReadonlyMap<string, string>;
  /** Sections under `Sora` beside the core's own, by name. */
  readonly sections?: SectionRule["keys"];
}

/**
 * Everything wrong in the sections Sora knows, in the order it is written. Top-level sections other than `Sora` are the
 * user's own. An entry under `Services` that none of the host's services owns is a warning, because hosts share files.
 */
export function findConfigurationProblems({ tree }: ConfigurationTree, known: KnownConfiguration = {}): ConfigurationFindings {
  const search = new ProblemSearch(tree, known);
  search.run();
  return search;
}

const hintBudget = 1_000_000;

class ProblemSearch implements ConfigurationFindings {
  readonly problems: ConfigurationProblem[] = [];
  readonly warnings: ConfigurationWarning[] = [];
  readonly #tree: SectionNode;
  readonly #root: SectionRule;
  readonly #known: KnownConfiguration;
  #names: ReadonlyMap<string, string> | undefined;
  /** The sections services name for themselves: key in lower case → the section as named. */
  readonly #serviceSections = new Map<string, string>();
  /** Those and every key above them, which are known for that reason. */
  readonly #reserved = new Set<string>();
  readonly #movedServices = new Map<string, string>();

  constructor(tree: SectionNode, known: KnownConfiguration) {
    const { serviceSections = new Map<string, string>(), sections = {} } = known;
    this.#tree = tree;
    this.#known = known;
    this.#root = { type: "section", keys: { ...knownSections, ...sections } };
    for (const [service, section] of serviceSections) {
      const parts = splitKey(section);
      this.#serviceSections.set(parts.join(":"), section);
      this.#movedServices.set(service.toLowerCase(), section);
      for (let length = parts.length; length > 0; length--) this.#reserved.add(parts.slice(0, length).join(":"));
    }
  }

  run(): void {
    for (const top of this.#tree.children.values()) {
      if (top.name.toLowerCase() === "sora") this.#check(top, this.#root, ["Sora"]);
      else this.#suspectMisspeltSora(top);
    }
    for (const [key, section] of this.#serviceSections) {
      const node = findNode(this.#tree, key.split(":"));
      if (node !== undefined) this.#check(node, serviceRule, section.split(":"));
    }
  }

  /** Names in lower case → as given; made when first asked for, since a host with 100,000 services may configure none. */
  get #serviceNames(): ReadonlyMap<string, string> {
    return (this.#names ??= new Map(Array.from(this.#known.serviceNames ?? [], name => [name.toLowerCase(), name])));
  }

  #check(node: ConfigurationNode, rule: ConfigurationRule, path: readonly string[]): void {
    if (isScalarRule(rule)) {
      if (!readScalar(rule, node).valid) this.#refuseValue(node, rule, path);
      return;
    }
    if (node.kind === "value") {
      if (node.value !== null) this.#refuseValue(node, rule, path);
    } else if (rule.type === "section") this.#checkSection(node, rule, path);
    else if (rule.type === "named") {
      if (rule.services === true) this.#checkServices(node, rule.each, path);
      else for (const child of node.children.values()) this.#check(child, rule.each, [...path, child.name]);
    }
  }

  #checkSection(node: SectionNode, rule: SectionRule, path: readonly string[]): void {
    const names = new Map(Object.keys(rule.keys).map(name => [name.toLowerCase(), name]));
    for (const [key, child] of node.children) {
      const name = names.get(key);
      if (name !== undefined) this.#check(child, rule.keys[name]!, [...path, name]);
      else if (!this.#reserved.has([...path, key].join(":").toLowerCase())) this.#refuseUnknown(child, rule, path);
    }
  }

  #checkServices(node: SectionNode, rule: SectionRule, path: readonly string[]): void {
    const strangers: SectionNode[] = [];
    for (const [key, child] of node.children) {
      const childPath = [...path, child.name];
      const moved = this.#movedServices.get(key);
      if (this.#reserved.has(childPath.join(":").toLowerCase())) continue;
      this.#check(child, rule, childPath);
      if (moved !== undefined) {
        this.#warn(childPath, child, `has no effect: the service ${this.#serviceNames.get(key) ?? child.name} reads its configuration from ${moved}.`);
      } else if (!this.#serviceNames.has(key) && child.kind === "section") strangers.push(child);
    }
    this.#warnOfStrangers(strangers, path);
  }

  #warnOfStrangers(strangers: readonly SectionNode[], path: readonly string[]): void {
    const affordable = strangers.length * this.#serviceNames.size <= hintBudget;
    const others: SectionNode[] = [];
    for (const stranger of strangers) {
      const nearest = affordable ? nearestName(stranger.name, this.#serviceNames.values()) : undefined;
      if (nearest === undefined) others.push(stranger);
      else this.#warn([...path, stranger.name], stranger, `belongs to no service of this host; did you mean ${nearest}?`, nearest);
    }
    // the rest are most likely another host's: one line for all of them
    const first = others[0];
    if (first === undefined) return;
    const names = others.slice(0, 10).map(({ name }) => name);
    if (others.length > names.length) names.push(`and ${others.length - names.length} more`);
    const subject = others.length === 1 ? "belongs" : "and others belong";
    this.#warn([...path, first.name], first, `${subject} to no service of this host, which is well where hosts share a file: ${names.join(", ")}.`);
  }

  #suspectMisspeltSora(top: ConfigurationNode): void {
    if (top.kind !== "section" || nearestName(top.name, ["Sora"]) === undefined) return;
    const ours = Object.keys(this.#root.keys).find(name => top.children.has(name.toLowerCase()));
    if (ours !== undefined) this.#warn([top.name], top, `is not read by Sora, though it has a section ${ours}; did you mean Sora?`, "Sora");
  }

  #refuseValue(node: ConfigurationNode, rule: ConfigurationRule, path: readonly string[]): void {
    const name = path.at(-1)!;
    const fix = isScalarRule(rule) ? `Give ${name} such a value, for example ${exampleOf(rule)}, or remove it.` : `Make ${name} an object, or remove it.`;
    this.problems.push({ path: path.join(":"), ...locate(node, path), expected: describeRule(rule), got: describeSeen(node, path), fix });
  }

  #refuseUnknown(node: ConfigurationNode, rule: SectionRule, parent: readonly string[]): void {
    const path = [...parent, node.name];
    const names = Object.keys(rule.keys);
    const nearest = nearestName(node.name, names);
    this.problems.push({
      path: path.join(":"),
      ...locate(node, path),
      expected: `one of ${names.join(", ")} in ${parent.join(":")}`,
      got: `the unknown key ${node.name}`,
      ...(nearest === undefined ? {} : { nearest }),
      fix: nearest === undefined ? this.#whereItBelongs(node, rule, names) : `Did you mean ${nearest}?`,
    });
  }

  #whereItBelongs(node: ConfigurationNode, rule: SectionRule, names: readonly string[]): string {
    if (names.includes("Settings")) return `Put a setting of the service's own under Settings: "Settings": { "${node.name}": … }.`;
    if (this.#serviceNames.has(node.name.toLowerCase()) && names.includes("Services")) return "Put it under Services.";
    return rule === this.#root ? "Remove it; settings of your own stand beside Sora, not in it." : "Remove it.";
  }

  #warn(path: readonly string[], node: ConfigurationNode, saying: string, nearest?: string): void {
    const location = locate(node, path);
    const message = `${path.join(":")} (${location.source}) ${saying}`;
    this.warnings.push({ path: path.join(":"), ...location, message, ...(nearest === undefined ? {} : { nearest }) });
  }
}

function locate(node: ConfigurationNode, path: readonly string[]): SourceLocation {
  return node.layer.locate(path.map(part => part.toLowerCase()));
}

const longest = 80;

/** The value for people: redacted, cut, and named a string where it could pass for a number. */
function describeSeen(node: ConfigurationNode, path: readonly string[]): string {
  if (node.kind === "section") return "an object";
  // a secret may stand where a section of secrets should: `"Tokens": { "ci": "…" }`
  const shown = isSecretKey(path.at(-2) ?? "") ? redacted : redactValue(path.at(-1)!, nodeValue(node));
  if (typeof shown === "object" && shown !== null) return "an array";
  const text = JSON.stringify(shown);
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return typeof shown === "string" && shown !== redacted && node.text === undefined ? `the string ${cut}` : cut;
}
