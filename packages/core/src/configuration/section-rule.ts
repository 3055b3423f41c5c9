import { findNode, splitKey } from "./configuration-node.ts";
import type { ConfigurationNode, ConfigurationTree, ConfigurationValue, ValueNode } from "./configuration-node.ts";

export interface BooleanRule {
  readonly type: "boolean";
  readonly default?: boolean;
}
/** Bounds are inclusive, except `above`. */
export interface NumberRule {
  readonly type: "number";
  readonly integer?: boolean;
  readonly above?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly example: number;
  readonly default?: number;
}
/** A string of at least one character, or of `shortest`; a "url" has a scheme, one of `schemes` where there are any. */
export interface TextRule {
  readonly type: "text";
  readonly format?: "url";
  readonly schemes?: readonly string[];
  readonly shortest?: number;
  readonly example: string;
  readonly default?: string;
}
/** One of `values`, whatever its case. */
export interface ChoiceRule {
  readonly type: "choice";
  readonly values: readonly string[];
  readonly default?: string;
}
/** An array of strings, none of them empty; in one string, as in the environment, commas stand between them. */
export interface ListRule {
  readonly type: "list";
  readonly example: readonly string[];
  readonly default?: readonly string[];
}
/** What is read as a whole. */
export type ScalarRule = BooleanRule | NumberRule | TextRule | ChoiceRule | ListRule;

/** An object of which every key is known. */
export interface SectionRule {
  readonly type: "section";
  readonly keys: Readonly<Record<string, ConfigurationRule>>;
}
/** An object of user-given names, each with a section of one kind; `services` says that the names are those of services. */
export interface NamedRule {
  readonly type: "named";
  readonly each: SectionRule;
  readonly services?: true;
}
/** An object of the user's own. */
export interface FreeRule {
  readonly type: "free";
}
export type ConfigurationRule = ScalarRule | SectionRule | NamedRule | FreeRule;

type ScalarOf<R> = R extends BooleanRule
  ? boolean
  : R extends NumberRule
    ? number
    : R extends ChoiceRule
      ? R["values"][number]
      : R extends TextRule
        ? string
        : R extends ListRule
          ? readonly string[]
          : never;

/** What reading a section yields: its scalar keys in camelCase; `undefined` only where the rule has no default. */
export type SectionValues<R extends SectionRule> = {
  readonly [K in keyof R["keys"] & string as R["keys"][K] extends ScalarRule ? Uncapitalize<K> : never]:
    | ScalarOf<R["keys"][K]>
    | (R["keys"][K] extends { readonly default: unknown } ? never : undefined);
};

type ScalarValue = string | number | boolean | readonly string[];

export type RuleReading = { readonly valid: true; readonly value: ScalarValue | undefined } | { readonly valid: false };

const refused: RuleReading = { valid: false };

/** The value `rule` takes from `node`: `undefined` for null, which counts as not set. Texts of the environment are read as the rule's type. */
export function readScalar(rule: ScalarRule, node: ConfigurationNode): RuleReading {
  if (node.kind === "section") return refused;
  if (node.value === null) return { valid: true, value: undefined };
  const value = scalarFor(rule, node);
  return value === undefined ? refused : { valid: true, value };
}

function scalarFor(rule: ScalarRule, { value, text }: ValueNode): ScalarValue | undefined {
  switch (rule.type) {
    case "boolean":
      if (typeof value === "boolean") return value;
      return text !== undefined && /^(true|false)$/i.test(text) ? text.toLowerCase() === "true" : undefined;
    case "number":
      return typeof value === "number" && inRange(rule, value) ? value : undefined;
    case "choice":
      return rule.values.find(choice => typeof value === "string" && choice.toLowerCase() === value.toLowerCase());
    case "text": {
      const string = typeof value === "string" ? value : text; // a token of digits is a number in the environment's eyes
      if (string === undefined || string.trim() === "" || string.length < (rule.shortest ?? 0)) return undefined;
      return rule.format === "url" && !isUrl(string, rule.schemes) ? undefined : string;
    }
    case "list": {
      const list = Array.isArray(value)
        ? (value as readonly unknown[])
        : (text ?? (typeof value === "string" ? value : undefined))?.split(",").map(part => part.trim());
      return list?.every((part): part is string => typeof part === "string" && part.trim() !== "") === true ? Object.freeze([...list]) : undefined;
    }
  }
}

/** A scheme may say it all, such as `memory:`, where it is one that is known. */
function isUrl(text: string, schemes: readonly string[] | undefined): boolean {
  if (schemes === undefined) return /^[a-z][a-z0-9+.-]+:\S+$/i.test(text);
  return !/\s/.test(text) && schemes.some(scheme => text.startsWith(`${scheme}:`));
}

function inRange({ integer, above, minimum, maximum }: NumberRule, value: number): boolean {
  if (integer === true && !Number.isInteger(value)) return false;
  return value > (above ?? -Infinity) && value >= (minimum ?? -Infinity) && value <= (maximum ?? Infinity);
}

/** What `rule` allows, as the end of "expected …". */
export function describeRule(rule: ConfigurationRule): string {
  switch (rule.type) {
    case "boolean":
      return "true or false";
    case "number":
      return describeRange(rule);
    case "text":
      if (rule.shortest !== undefined) return `a string of at least ${rule.shortest} characters`;
      if (rule.format !== "url") return "a string that is not empty";
      return rule.schemes === undefined ? "a URL" : `a URL that begins with ${rule.schemes.map(scheme => `${scheme}:`).join(", ")}`;
    case "list":
      return "an array of strings, or one string with commas between them";
    case "choice":
      return `one of ${rule.values.join(", ")}`;
    default:
      return "an object";
  }
}

/** Bounds past this keep dates within what can be written; they are no limit anyone means, so no message names them. */
const farthest = 1e10;

function describeRange({ integer, above, minimum, maximum }: NumberRule): string {
  const kind = integer === true ? "an integer" : "a number";
  if (minimum !== undefined && maximum !== undefined && maximum < farthest) return `${kind} from ${minimum} to ${maximum}`;
  if (above !== undefined) return `${kind} greater than ${above}`;
  return minimum === undefined ? kind : `${kind} not less than ${minimum}`;
}

/** A value that `rule` allows, as one would write it in JSON. */
export function exampleOf(rule: ConfigurationRule): string {
  switch (rule.type) {
    case "boolean":
      return "true";
    case "number":
    case "text":
    case "list":
      return JSON.stringify(rule.default ?? rule.example);
    case "choice":
      return JSON.stringify(rule.default ?? rule.values[0]);
    default:
      return "{}";
  }
}

/** The scalar keys of the section at `path` in camelCase, with the rule's defaults where nothing valid is set. */
export function readSection<R extends SectionRule>(from: ConfigurationTree, path: string, rule: R): SectionValues<R> {
  return readSectionNode(findNode(from.tree, splitKey(path)), rule);
}

/** `readSection` for a node that is at hand. */
export function readSectionNode<R extends SectionRule>(section: ConfigurationNode | undefined, rule: R): SectionValues<R> {
  const values: Record<string, ConfigurationValue | undefined> = {};
  for (const [key, scalar] of Object.entries(rule.keys)) {
    if (!isScalarRule(scalar)) continue;
    const node = section?.kind === "section" ? section.children.get(key.toLowerCase()) : undefined;
    const reading = node === undefined ? refused : readScalar(scalar, node);
    values[camelCase(key)] = (reading.valid ? reading.value : undefined) ?? scalar.default;
  }
  return Object.freeze(values) as SectionValues<R>;
}

export function isScalarRule(rule: ConfigurationRule): rule is ScalarRule {
  return rule.type !== "section" && rule.type !== "named" && rule.type !== "free";
}

function camelCase(key: string): string {
  return key.charAt(0).toLowerCase() + key.slice(1);
}
