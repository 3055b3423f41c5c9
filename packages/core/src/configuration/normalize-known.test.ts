import { describe, expect, test } from "vitest";
import { sectionObject } from "./configuration-node.ts";
import { readEnvironmentLayer } from "./environment-layer.ts";
import { normalizeKnown } from "./normalize-known.ts";
import { readObjectLayer } from "./object-layer.ts";

describe("normalizeKnown", () => {
  test("reads the environment's texts as the rules of their keys do, and leaves all others", () => {
    const { tree } = readEnvironmentLayer({
      Sora__Web__Token: "0123012301230123",
      Sora__Web__Port: "80",
      Sora__BackgroundServices__Enabled: "TRUE",
      Sora__BackgroundServices__Services__A__Enabled: "False",
      Sora__BackgroundServices__Services__A__IntervalSeconds: "soon",
      Sora__BackgroundServices__Services__A__Settings__Flag: "TRUE",
      Sora__Logging__Level: "Info",
      Own__Flag: "TRUE",
    });
    sectionObject(tree); // what the tree caches of itself must not outlive it
    expect(sectionObject(normalizeKnown(tree))).toEqual({
      Sora: {
        Web: { Token: "0123012301230123", Port: 80 },
        BackgroundServices: { Enabled: true, Services: { A: { Enabled: false, IntervalSeconds: "soon", Settings: { Flag: "TRUE" } } } },
        Logging: { Level: "info" },
      },
      Own: { Flag: "TRUE" },
    });
    expect(tree.children.get("sora")).not.toBe(normalizeKnown(tree).children.get("sora"));
  });

  test("gives back the tree itself where nothing is to be done", () => {
    const layer = { locate: () => ({ source: "test" }) };
    for (const object of [{}, { Own: 1 }, { Sora: null }, { Sora: { Web: { Port: 80 }, Odd: 1, Flow: { x: 1 } } }]) {
      const { tree } = readObjectLayer(object, layer);
      expect(normalizeKnown(tree)).toBe(tree);
    }
  });
});
