import { describe, expect, test } from "vitest";
import { findNode, sectionObject } from "./configuration-node.ts";
import { readEnvironmentLayer } from "./environment-layer.ts";

const read = (env: Record<string, string | undefined>) => {
  const { tree, problems } = readEnvironmentLayer(env);
  return { object: sectionObject(tree), problems: problems.map(({ path, source, got }) => [path, source, got]) };
};

describe("readEnvironmentLayer", () => {
  test("reads names of parts joined by two underscores, and no others", () => {
    const env = { PATH: "/bin", SORA_ENVIRONMENT: "x", Sora__Web__Port: "80", MyApp__Url: "http://x", __Odd__Name: "1", Gone__Away: undefined };
    expect(read(env)).toEqual({ object: { Sora: { Web: { Port: 80 } }, MyApp: { Url: "http://x" } }, problems: [] });
  });

  test.each([
    ["60", 60],
    ["-1.5e1", -15],
    ["true", true],
    ["null", null],
    ['"60"', "60"],
    ["0123", "0123"],
    ["12345678901234567890", "12345678901234567890"],
    ["1e999", "1e999"],
    ["", ""],
    ["soon", "soon"],
    ['{"a":1}', '{"a":1}'],
    ["[1]", "[1]"],
  ])("reads the value %s", (text, value) => {
    expect(read({ A__B: text }).object).toEqual({ A: { B: value } });
  });

  test("makes an array of names that count from 0", () => {
    expect(read({ A__L__1: "b", A__L__0: "a", A__M__1: "x", "0__x": "1" }).object).toEqual({ A: { L: ["a", "b"], M: { 1: "x" } }, 0: { x: 1 } });
  });

  test("refuses variables under Sora that contradict each other or have empty names", () => {
    expect(read({ Sora__Web__Port: "1", SORA__WEB__PORT: "2" }).problems).toEqual([
      ["SORA:WEB:PORT", "environment variable SORA__WEB__PORT", "the same key from environment variable Sora__Web__Port"],
    ]);
    expect(read({ Sora__Web: "1", Sora__Web__Port: "2" }).problems).toHaveLength(1);
    expect(read({ Sora__Web__Port: "2", Sora__Web: "1" }).problems).toHaveLength(1);
    expect(read({ Sora____Web: "1" }).problems).toEqual([["Sora::Web", "environment variable Sora____Web", "an empty name"]]);
    expect(read({ Sora__Web__Port: "1", SORA__WEB__PORT: "1" }).problems).toEqual([]);
  });

  test("lets other programs' variables contradict each other", () => {
    expect(read({ other__a: "1", OTHER__A: "2", other__a__b: "3" }).problems).toEqual([]);
  });

  test("names the variable behind a key", () => {
    const { tree } = readEnvironmentLayer({ SORA__web__PORT: "80" });
    const node = findNode(tree, ["sora", "web", "port"]);
    expect(node?.layer.locate(["sora", "web", "port"])).toEqual({ source: "environment variable SORA__web__PORT" });
    expect(node?.layer.locate(["sora", "web"])).toEqual({ source: "environment variable SORA__web__PORT" });
  });
});
