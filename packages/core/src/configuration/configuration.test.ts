import { describe, expect, test } from "vitest";
import { createSnapshot } from "./configuration.ts";
import { mergeSections } from "./configuration-node.ts";
import { readEnvironmentLayer } from "./environment-layer.ts";
import { readFileLayer } from "./file-layer.ts";
import { readObjectLayer } from "./object-layer.ts";

const file = (text: string) => readFileLayer("/app/appsettings.json", { kind: "text", text }).tree;
const host = (object: object) => readObjectLayer(object, { locate: () => ({ source: "host options" }) }).tree;
const env = (variables: Record<string, string>) => readEnvironmentLayer(variables).tree;

describe("Configuration", () => {
  const configuration = createSnapshot(
    [
      file(
        '{\n  "App": { "Url": "http://a",\n    "Limits": { "MaxSize": 1, "Names": ["a", "b"] } },\n  "Ends": [ { "Url": "x" } ],\n  "Empty": {}, "Nothing": null }',
      ),
      env({ APP__LIMITS__MAXSIZE: "2", App__Extra: "e" }),
      host({ app: { limits: { names: ["c"] }, own: true } }),
    ].reduce(mergeSections),
  );

  test("merges objects and replaces arrays and scalars, the strongest layer last", () => {
    expect(configuration.get("App")).toEqual({ Url: "http://a", Limits: { MaxSize: 2, Names: ["c"] }, Extra: "e", own: true });
  });

  test("keeps the weakest layer's spelling of a name, and reads any case of it", () => {
    expect(configuration.section("app").keys()).toEqual(["Url", "Limits", "Extra", "own"]);
    expect(configuration.get("aPP:liMITs:maxsize")).toBe(2);
  });

  test("reads into arrays", () => {
    expect(configuration.get("Ends:0:url")).toBe("x");
    expect(configuration.get("App:Limits:Names:1")).toBeUndefined();
    expect(configuration.get("Ends:0:Url:x")).toBeUndefined();
    expect(configuration.has("Ends:0")).toBe(true);
  });

  test("yields undefined, or an empty section, for what is not there", () => {
    const absent = configuration.section("No:Such:Place");
    expect(absent.get("x")).toBeUndefined();
    expect(absent.get("")).toBeUndefined();
    expect(absent.section("y").keys()).toEqual([]);
    expect(absent.entries()).toEqual([]);
    expect(absent.toObject()).toEqual({});
    expect(absent.has("x")).toBe(false);
    expect(absent.source("x")).toBeUndefined();
    expect(configuration.get("App:Url:Deeper")).toBeUndefined();
    expect(configuration.get("constructor")).toBeUndefined();
    expect(configuration.get("__proto__")).toBeUndefined();
  });

  test("get falls back where nothing or null is written", () => {
    expect(configuration.get("Absent", 5)).toBe(5);
    expect(configuration.get("Nothing", 5)).toBe(5);
    expect(configuration.get("Nothing")).toBeNull();
    expect(configuration.has("Nothing")).toBe(true);
    expect(configuration.get("App:Limits:MaxSize", 5)).toBe(2);
  });

  test("sections carry their key and read relative to it", () => {
    const limits = configuration.section("App").section("Limits");
    expect(limits.path).toBe("App:Limits");
    expect(limits.get("MaxSize")).toBe(2);
    expect(limits.get("")).toBe(limits.toObject());
    expect(limits.entries()).toEqual([
      ["MaxSize", 2],
      ["Names", ["c"]],
    ]);
    expect(limits.section("").path).toBe("App:Limits");
  });

  test("source names the place a value comes from, with the line of a file", () => {
    expect(configuration.source("App:Url")).toBe("appsettings.json:2");
    expect(configuration.source("Ends:0:Url")).toBe("appsettings.json:4");
    expect(configuration.source("App:Limits:MaxSize")).toBe("environment variable APP__LIMITS__MAXSIZE");
    expect(configuration.source("App:Limits:Names")).toBe("host options");
    expect(configuration.source("App:Absent")).toBeUndefined();
    expect(configuration.section("App").source("Extra")).toBe("environment variable App__Extra");
  });

  test("hands out the same frozen objects each time", () => {
    const limits = configuration.get<{ MaxSize: number; Names: string[] }>("App:Limits")!;
    expect(configuration.get("App:Limits")).toBe(limits);
    expect(() => (limits.MaxSize = 3)).toThrow(TypeError);
    expect(() => limits.Names.push("x")).toThrow(TypeError);
    expect(Object.isFrozen(configuration.toObject())).toBe(true);
  });

  test("a stronger null or empty object removes what weaker layers said", () => {
    const merged = createSnapshot([file('{ "A": { "b": 1 }, "C": 1 }'), host({ A: null, C: {} })].reduce(mergeSections));
    expect(merged.toObject()).toEqual({ A: null, C: {} });
    expect(merged.get("A:b")).toBeUndefined();
  });
});
