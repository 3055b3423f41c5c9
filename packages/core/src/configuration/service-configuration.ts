import { findNode, nodeValue, sectionObject, splitKey } from "./configuration-node.ts";
import type { ConfigurationNode, ConfigurationTree, ConfigurationValue, SectionNode } from "./configuration-node.ts";
import { serviceRule } from "./known-sections.ts";
import { redactValue } from "../logging/redact.ts";
import { readSectionNode } from "./section-rule.ts";

/** What a service can be told by configuration. A member is absent where nothing is configured. */
export interface ServiceConfiguration {
  readonly enabled?: boolean;
  readonly intervalSeconds?: number;
  readonly startupOrder?: number;
  readonly priority?: number;
  /** The service's own settings, frozen; empty where there are none. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A value in effect and, for people, where it comes from. */
export interface EffectiveValue {
  readonly value: unknown;
  readonly source: string;
}

/** What holds where configuration says nothing. */
export interface ServiceConfigurationDefaults {
  /** The options of the service's decorator or definition. */
  readonly decorator?: Omit<ServiceConfiguration, "settings">;
  readonly defaults?: Omit<ServiceConfiguration, "settings">;
}

const servicesPath = splitKey("Sora:BackgroundServices:Services");
const nothingConfigured: ServiceConfiguration = Object.freeze({ settings: Object.freeze({}) });

/** The key of a service's configuration: its `section` (`configurationSection`) where it has one, else its place under `Services`. */
export function serviceConfigurationPath(name: string, section?: string): string {
  return section ? section : `Sora:BackgroundServices:Services:${name}`;
}

/**
 * What is configured for the service `name`, at `section` where its definition names one. One look-up; a service of which
 * nothing is configured gets the same frozen object as all others like it. Values that break their rule count as absent:
 * `validateConfiguration` refuses them before.
 */
export function serviceConfiguration(from: ConfigurationTree, name: string, section?: string): ServiceConfiguration {
  const node = serviceNode(from.tree, name, section);
  if (node === undefined || node.children.size === 0) return nothingConfigured;
  const settings = node.children.get("settings");
  const values = Object.entries(readSectionNode(node, serviceRule)).filter(([, value]) => value !== undefined);
  return Object.freeze({
    ...Object.fromEntries(values),
    settings: settings?.kind === "section" ? sectionObject(settings) : nothingConfigured.settings,
  });
}

/** What is in effect for a service, by key, in the file's spelling. */
export interface DescribedServiceConfiguration {
  /** `Enabled`, `IntervalSeconds`, `StartupOrder`, `Priority`. */
  readonly configuration: Readonly<Record<string, EffectiveValue>>;
  /** The service's own settings, `MaxSize` or `Thresholds:Cpu`: one entry a value. */
  readonly settings: Readonly<Record<string, EffectiveValue>>;
}

/**
 * Every value in effect for a service with its source, secrets redacted. What neither configuration nor `layers` says is
 * left out. Made for showing: the lines of files are looked up.
 */
export function describeServiceConfiguration(
  from: ConfigurationTree,
  name: string,
  section?: string,
  layers: ServiceConfigurationDefaults = {},
): DescribedServiceConfiguration {
  const path = splitKey(serviceConfigurationPath(name, section));
  const configured = serviceConfiguration(from, name, section);
  const node = serviceNode(from.tree, name, section);
  const scalars: [string, EffectiveValue][] = [];
  for (const [key, member] of scalarKeys) {
    const child = node?.children.get(key.toLowerCase());
    if (configured[member] !== undefined && child !== undefined) {
      scalars.push([key, { value: configured[member], source: child.layer.locate([...path, key.toLowerCase()]).source }]);
    } else if (layers.decorator?.[member] !== undefined) scalars.push([key, { value: layers.decorator[member], source: "decorator" }]);
    else if (layers.defaults?.[member] !== undefined) scalars.push([key, { value: layers.defaults[member], source: "default" }]);
  }
  const settings: [string, EffectiveValue][] = [];
  const child = node?.children.get("settings");
  if (child?.kind === "section") describeLeaves(child, [], [...path, "settings"], settings);
  return { configuration: Object.fromEntries(scalars), settings: Object.fromEntries(settings) };
}

const scalarKeys = [
  ["Enabled", "enabled"],
  ["IntervalSeconds", "intervalSeconds"],
  ["StartupOrder", "startupOrder"],
  ["Priority", "priority"],
] as const;

function serviceNode(tree: SectionNode, name: string, section: string | undefined): SectionNode | undefined {
  const parent = section ? findNode(tree, splitKey(section)) : findNode(tree, servicesPath);
  if (parent?.kind !== "section") return undefined;
  const node = section ? parent : parent.children.get(name.toLowerCase());
  return node?.kind === "section" ? node : undefined;
}

function describeLeaves(node: ConfigurationNode, names: readonly string[], path: readonly string[], into: [string, EffectiveValue][]): void {
  if (node.kind === "section") {
    for (const child of node.children.values()) describeLeaves(child, [...names, child.name], path, into);
    return;
  }
  const { source } = node.layer.locate([...path, ...names.map(part => part.toLowerCase())]);
  into.push([names.join(":"), { value: redactUnder(names, nodeValue(node)), source }]);
}

/** A secret-looking name redacts everything under it, so each name on the way is asked. */
function redactUnder(names: readonly string[], value: ConfigurationValue): unknown {
  return names.reduceRight<unknown>((shown, name) => redactValue(name, shown), value);
}
