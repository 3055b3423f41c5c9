import { findNode, nodeValue, sectionObject, splitKey } from "./configuration-node.ts";
import type { ConfigurationNode, ConfigurationTree, ConfigurationValue, SectionNode } from "./configuration-node.ts";

/**
 * Settings by key. A key is names joined by ":" (`Sora:Web:Port`, `Endpoints:0:Url`), and its case does not matter. Reading
 * never throws: what is not there is `undefined`. Objects and arrays come frozen, with names as they were written.
 */
export interface Configuration {
  /** The key this section stands at; empty for the whole configuration. */
  readonly path: string;
  /** The value at `key`, an object where it is a section. `T` is taken on trust: a service's `settings` schema is the checked way. */
  get<T = unknown>(key: string): T | undefined;
  /** The value at `key`, or `fallback` where there is none or it is null. */
  get<T>(key: string, fallback: T): T;
  /** Whether anything, null included, is written at `key`. */
  has(key: string): boolean;
  /** The part of the configuration under `key`; an empty one where there is none. */
  section(key: string): Configuration;
  /** The names directly in this section, as written. */
  keys(): string[];
  /** The names directly in this section with their values. */
  entries(): [string, unknown][];
  /** Where the value at `key` comes from, for people: `appsettings.json:12`, `environment variable Sora__Web__Port`, `host options`. */
  source(key: string): string | undefined;
  /** This section as a frozen object; an empty one where there is none. Secrets are in it. */
  toObject(): Readonly<Record<string, unknown>>;
}

/** A configuration that never changes. */
export interface ConfigurationSnapshot extends Configuration, ConfigurationTree {}

/** The configuration that `tree` holds. */
export function createSnapshot(tree: SectionNode): ConfigurationSnapshot {
  return new Snapshot(tree);
}

/** Reads from the tree that `holder` has at the time of each call, so a root's sections follow its reloads. */
export class ConfigurationView implements Configuration {
  readonly path: string;
  readonly #holder: () => SectionNode;
  readonly #parts: readonly string[];

  constructor(holder: () => SectionNode, path = "") {
    this.#holder = holder;
    this.path = path;
    this.#parts = splitKey(path);
  }

  get<T>(key: string, fallback?: T): T {
    const value = this.#value(key);
    return (value === undefined || (value === null && fallback !== undefined) ? fallback : value) as T;
  }

  has(key: string): boolean {
    return this.#value(key) !== undefined;
  }

  section(key: string): Configuration {
    return new ConfigurationView(this.#holder, key === "" ? this.path : this.path === "" ? key : `${this.path}:${key}`);
  }

  keys(): string[] {
    return this.#children().map(child => child.name);
  }

  entries(): [string, unknown][] {
    return this.#children().map(child => [child.name, nodeValue(child)]);
  }

  source(key: string): string | undefined {
    const path = [...this.#parts, ...splitKey(key)];
    for (let length = path.length; length > 0; length--) {
      const node = findNode(this.#holder(), path.slice(0, length));
      if (node === undefined) continue;
      return length < path.length && !this.has(key) ? undefined : node.layer.locate(path.slice(0, length)).source;
    }
    return undefined;
  }

  toObject(): Readonly<Record<string, unknown>> {
    const node = findNode(this.#holder(), this.#parts);
    return node?.kind === "section" ? sectionObject(node) : nothing;
  }

  #children(): ConfigurationNode[] {
    const node = findNode(this.#holder(), this.#parts);
    return node?.kind === "section" ? Array.from(node.children.values()) : [];
  }

  #value(key: string): ConfigurationValue | undefined {
    const path = [...this.#parts, ...splitKey(key)];
    let node: ConfigurationNode | undefined = this.#holder();
    for (const [depth, part] of path.entries()) {
      if (node.kind === "value") return memberOf(node.value, path.slice(depth));
      node = node.children.get(part);
      if (node === undefined) return undefined;
    }
    return nodeValue(node);
  }
}

class Snapshot extends ConfigurationView implements ConfigurationSnapshot {
  readonly tree: SectionNode;

  constructor(tree: SectionNode) {
    super(() => tree);
    this.tree = tree;
  }
}

const nothing: Readonly<Record<string, unknown>> = Object.freeze({});

/** What stands at `path`, given in lower case, inside an array or one of its elements. */
function memberOf(from: ConfigurationValue, path: readonly string[]): ConfigurationValue | undefined {
  let value: ConfigurationValue | undefined = from;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    const name: string | undefined = Object.keys(value).find(key => key.toLowerCase() === part);
    if (name === undefined) return undefined;
    value = (value as Readonly<Record<string, ConfigurationValue>>)[name];
  }
  return value;
}
