import { describe, expect, test } from "vitest";
import { findNode } from "./configuration-node.ts";
import { readEnvironmentLayer } from "./environment-layer.ts";
import { knownSections } from "./known-sections.ts";
import { readObjectLayer } from "./object-layer.ts";
import { describeRule, exampleOf, isScalarRule, readScalar, readSection } from "./section-rule.ts";
import type { ConfigurationRule, ScalarRule } from "./section-rule.ts";

const written = (value: unknown) => findNode(readObjectLayer({ x: value }, { locate: () => ({ source: "test" }) }).tree, ["x"])!;
const inEnvironment = (text: string) => findNode(readEnvironmentLayer({ a__x: text }).tree, ["a", "x"])!;

const boolean: ScalarRule = { type: "boolean" };
const seconds: ScalarRule = { type: "number", above: 0, example: 60 };
const port: ScalarRule = { type: "number", integer: true, minimum: 0, maximum: 65_535, example: 80 };
const text: ScalarRule = { type: "text", example: "x" };
const url: ScalarRule = { type: "text", format: "url", example: "file:./x" };
const store: ScalarRule = { type: "text", format: "url", schemes: ["file", "memory"], example: "file:./x" };
const token: ScalarRule = { type: "text", shortest: 4, example: "long" };
const list: ScalarRule = { type: "list", example: ["a"] };
const level: ScalarRule = { type: "choice", values: ["debug", "info"] };

describe("readScalar", () => {
  test.each<[ScalarRule, unknown, unknown]>([
    [boolean, true, true],
    [boolean, null, undefined],
    [seconds, 0.5, 0.5],
    [port, 0, 0],
    [port, 65_535, 65_535],
    [text, " a ", " a "],
    [url, "file:./sora.db", "file:./sora.db"],
    [url, "postgres://u:p@h/db", "postgres://u:p@h/db"],
    [store, "memory:", "memory:"],
    [level, "INFO", "info"],
    [token, "four", "four"],
    [list, ["a", "b"], ["a", "b"]],
    [list, [], []],
    [list, "a, b", ["a", "b"]],
  ])("%o takes %o", (rule, value, read) => {
    expect(readScalar(rule, written(value))).toEqual({ valid: true, value: read });
  });

  test.each<[ScalarRule, unknown]>([
    [boolean, "true"],
    [boolean, 1],
    [seconds, 0],
    [seconds, -1],
    [seconds, "60"],
    [seconds, [60]],
    [seconds, {}],
    [port, 1.5],
    [port, 65_536],
    [text, ""],
    [text, " "],
    [text, 5],
    [url, "sora.db"],
    [url, "C:\\sora.db"],
    [store, "redis://h"],
    [store, "file:./my sora.db"],
    [level, "loud"],
    [level, 1],
    [token, "tri"],
    [list, ["a", 1]],
    [list, ["a", ""]],
    [list, "a,,b"],
    [list, 5],
  ])("%o refuses %o", (rule, value) => {
    expect(readScalar(rule, written(value))).toEqual({ valid: false });
  });

  test.each<[ScalarRule, string, unknown]>([
    [boolean, "TRUE", true],
    [boolean, "false", false],
    [seconds, "60", 60],
    [seconds, " 60 ", 60],
    [text, "0123", "0123"],
    [text, "12345", "12345"],
    [text, "true", "true"],
    [text, '"quoted"', "quoted"],
    [level, "Debug", "debug"],
    [token, "1234", "1234"],
    [list, "a,b", ["a", "b"]],
    [list, "80", ["80"]],
  ])("%o takes %o from the environment", (rule, value, read) => {
    expect(readScalar(rule, inEnvironment(value))).toEqual({ valid: true, value: read });
  });

  test.each<[ScalarRule, string]>([
    [boolean, "yes"],
    [boolean, "1"],
    [seconds, "soon"],
    [seconds, ""],
    [seconds, "1e999"],
    [text, ""],
  ])("%o refuses %o from the environment", (rule, value) => {
    expect(readScalar(rule, inEnvironment(value))).toEqual({ valid: false });
  });
});

describe("describeRule", () => {
  test.each<[ConfigurationRule, string]>([
    [boolean, "true or false"],
    [seconds, "a number greater than 0"],
    [port, "an integer from 0 to 65535"],
    [{ type: "number", minimum: 1, example: 1 }, "a number not less than 1"],
    [{ type: "number", integer: true, example: 1 }, "an integer"],
    [text, "a string that is not empty"],
    [token, "a string of at least 4 characters"],
    [list, "an array of strings, or one string with commas between them"],
    [level, "one of debug, info"],
    [{ type: "free" }, "an object"],
  ])("says what %o allows", (rule, description) => {
    expect(describeRule(rule)).toBe(description);
  });
});

describe("exampleOf", () => {
  const scalars = (rule: ConfigurationRule): ScalarRule[] =>
    isScalarRule(rule) ? [rule] : rule.type === "section" ? Object.values(rule.keys).flatMap(scalars) : rule.type === "named" ? scalars(rule.each) : [];

  test("gives a value that the rule itself takes, for every known key", () => {
    const rules = scalars({ type: "section", keys: knownSections });
    expect(rules.length).toBeGreaterThan(14);
    for (const rule of rules) expect(readScalar(rule, written(JSON.parse(exampleOf(rule)))).valid).toBe(true);
  });
});

describe("readSection", () => {
  const read = (object: object) => {
    const { tree } = readObjectLayer(object, { locate: () => ({ source: "test" }) });
    return readSection({ tree }, "Sora:BackgroundServices", knownSections.BackgroundServices);
  };

  test("gives defaults where nothing, null or something invalid is set", () => {
    const defaults = { enabled: true, startupTimeoutSeconds: 120, failFastOnStartupFailure: true };
    expect(read({})).toEqual(defaults);
    expect(read({ Sora: 1 })).toEqual(defaults);
    expect(read({ Sora: { BackgroundServices: { Enabled: null, StartupTimeoutSeconds: -1 } } })).toEqual(defaults);
  });

  test("gives what is set in any case, typed by its rule", () => {
    const { enabled, startupTimeoutSeconds } = read({ sora: { backgroundServices: { enabled: false, startupTimeoutSeconds: 5 } } });
    expect(enabled satisfies boolean).toBe(false);
    expect(startupTimeoutSeconds satisfies number).toBe(5);
    const { url: address } = readSection(readObjectLayer({}, { locate: () => ({ source: "" }) }), "Sora:Store", knownSections.Store);
    expect(address satisfies string | undefined).toBeUndefined();
    // @ts-expect-error: without a default it may be undefined
    void (address satisfies string);
  });
});
