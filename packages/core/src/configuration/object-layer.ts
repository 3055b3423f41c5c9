import { describeError } from "../errors/describe-error.ts";
import type { ConfigurationProblem } from "./configuration-problem.ts";
import type { ConfigurationLayer, ConfigurationNode, ConfigurationValue, SectionNode } from "./configuration-node.ts";

/** One layer's values, and what was wrong with them; what is wrong is left out of the tree. */
export interface LayerReading {
  readonly tree: SectionNode;
  readonly problems: readonly ConfigurationProblem[];
}

const deepest = 64;

/**
 * Reads an object in the shape of `appsettings.json`. At the top level a name may hold several parts joined by ":". Refused,
 * each as a problem: a root that is no object, names that differ by case only, `__proto__`, `constructor` with a `prototype`,
 * circles, more than 64 levels, members that throw when read, and whatever JSON does not have. Members that are `undefined` count as absent.
 */
export function readObjectLayer(root: unknown, layer: ConfigurationLayer): LayerReading {
  const reader = new ObjectReader(layer);
  const tree = reader.readRoot(root);
  return { tree, problems: reader.problems };
}

type Section = SectionNode & { readonly children: Map<string, ConfigurationNode> };

class ObjectReader {
  readonly problems: ConfigurationProblem[] = [];
  readonly #layer: ConfigurationLayer;
  /** The sections that were written out; those that a top-level "A:B" merely implies may still be. */
  readonly #written = new Set<ConfigurationNode>();
  /** The objects around the one being read, so that a circle is found where it closes. */
  readonly #around = new Set<object>();

  constructor(layer: ConfigurationLayer) {
    this.#layer = layer;
  }

  readRoot(root: unknown): SectionNode {
    const tree = this.#section("");
    if (!isPlainObject(root)) {
      this.#refuse([], "a JSON object", describeKind(root), "Wrap the settings in { }.");
      return tree;
    }
    this.#visit(root, [], (key, value) => {
      const path = key.split(":");
      const name = path.pop()!;
      const parent = this.#descend(tree, path);
      if (parent === undefined) this.#refuseRepeated([...path, name]);
      else this.#put(parent, name, value, [...path, name]);
    });
    return tree;
  }

  #section(name: string): Section {
    return { kind: "section", name, children: new Map(), layer: this.#layer };
  }

  #descend(from: Section, path: readonly string[]): Section | undefined {
    let section = from;
    for (const name of path) {
      const known = section.children.get(name.toLowerCase());
      if (known?.kind === "value") return undefined;
      const next = (known as Section | undefined) ?? this.#section(name);
      section.children.set(name.toLowerCase(), next);
      section = next;
    }
    return section;
  }

  #put(parent: Section, name: string, value: unknown, path: readonly string[]): void {
    const key = name.toLowerCase();
    const known = parent.children.get(key);
    if (isPlainObject(value)) {
      if (known?.kind === "value" || this.#written.has(known!)) return this.#refuseRepeated(path);
      const section = (known as Section | undefined) ?? this.#section(name);
      this.#written.add(section);
      parent.children.set(key, section);
      this.#visit(value, path, (child, member) => this.#put(section, child, member, [...path, child]));
      return;
    }
    if (known !== undefined) return this.#refuseRepeated(path);
    const read = this.#value(value, path);
    if (read !== undefined) parent.children.set(key, { kind: "value", name, value: read, layer: this.#layer });
  }

  #value(value: unknown, path: readonly string[]): ConfigurationValue | undefined {
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (Array.isArray(value)) return this.#array(value, path);
    if (isPlainObject(value)) return this.#object(value, path);
    this.#refuse(path, "a JSON value", describeKind(value), "Give a string, a finite number, true, false, null, an array or a plain object.");
    return undefined;
  }

  #object(value: object, path: readonly string[]): ConfigurationValue {
    const names = new Set<string>();
    const members: [string, ConfigurationValue][] = [];
    this.#visit(value, path, (name, member) => {
      const read = this.#value(member, [...path, name]);
      if (names.has(name.toLowerCase())) this.#refuseRepeated([...path, name]);
      else if (read !== undefined) members.push([name, read]);
      names.add(name.toLowerCase());
    });
    return Object.freeze(Object.fromEntries(members));
  }

  #array(value: object, path: readonly string[]): ConfigurationValue {
    const elements: ConfigurationValue[] = [];
    this.#visit(value, path, (index, element) => elements.push(this.#value(element, [...path, index]) ?? null));
    return Object.freeze(elements);
  }

  /** Calls `each` for the members that can be used, and records a problem for each of the others. */
  #visit(object: object, path: readonly string[], each: (name: string, value: unknown) => void): void {
    if (this.#around.has(object)) return this.#refuse(path, "a tree of values", "an object inside itself", "Break the circle.");
    if (path.length >= deepest) return this.#refuse(path.slice(0, deepest), `at most ${deepest} levels`, "more", "Flatten it.");
    this.#around.add(object);
    for (const name of Object.keys(object)) {
      try {
        const value = (object as Record<string, unknown>)[name];
        if (name === "__proto__" || (name === "constructor" && isPlainObject(value) && Object.hasOwn(value, "prototype"))) {
          const seen = name === "__proto__" ? name : "constructor with a prototype";
          this.#refuse([...path, name], "an ordinary name", seen, "Rename it: this name changes what objects are.");
        } else if (value !== undefined) each(name, value);
      } catch (error) {
        this.#refuse([...path, name], "a value that can be read", `an error: ${describeError(error)}`, "Give a plain value in its place.");
      }
    }
    this.#around.delete(object);
  }

  #refuseRepeated(path: readonly string[]): void {
    this.problems.push(repeatedName(path, this.#layer));
  }

  #refuse(path: readonly string[], expected: string, got: string, fix: string): void {
    const location = this.#layer.locate(path.map(part => part.toLowerCase()));
    this.problems.push({ path: path.join(":"), ...location, expected, got, fix });
  }
}

/** The problem of a name that `layer` has twice in one object. */
export function repeatedName(path: readonly string[], layer: ConfigurationLayer): ConfigurationProblem {
  const lowered = path.map(part => part.toLowerCase());
  const again = layer.linesOf?.(lowered).slice(1) ?? [];
  const got = again.length === 0 ? "it a second time" : `it again on line ${again.join(" and ")}`;
  return { path: path.join(":"), ...layer.locate(lowered), expected: "each name once, whatever its case", got, fix: "Keep one of them." };
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describeKind(value: unknown): string {
  if (value === null || value === undefined || typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  const { name } = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } }).constructor ?? {};
  return typeof name === "string" && name !== "" ? `an instance of ${name}` : "an instance of a class";
}
