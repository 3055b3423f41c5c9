import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTopic, TopicIndex } from "./topic-index.ts";

describe("parseTopic", () => {
  test("reads the three forms", () => {
    expect(parseTopic("*")).toEqual({ kind: "all" });
    expect(parseTopic("Sync:*")).toEqual({ kind: "service", service: "Sync" });
    expect(parseTopic("Sync:Done")).toEqual({ kind: "event", service: "Sync", event: "Done" });
  });

  test.each(["", ":", "Sync", "Sync:", ":Done", "*:Done"])("refuses %j and says how topics are written", topic => {
    expect(() => parseTopic(topic)).toThrow(expect.objectContaining({ code: "SORA_OPTION_INVALID", fix: expect.stringContaining('"Service:*"') }));
  });
});

describe("TopicIndex", () => {
  test("never changes a list that somebody holds", () => {
    const index = new TopicIndex<{ sequence: number }>();
    index.add(parseTopic("A:x"), { sequence: 1 });
    const held = index.find("A", "x");
    index.add(parseTopic("A:x"), { sequence: 2 });
    index.add(parseTopic("*"), { sequence: 3 });
    expect(held.map(item => item.sequence)).toEqual([1]);
    expect(index.find("A", "x").map(item => item.sequence)).toEqual([1, 2, 3]);
  });

  test("finds what a plain filter over all topics finds, in order, whatever is added and removed", () => {
    const topics = ["*", "A:*", "A:x", "A:y", "B:*", "B:x"];
    const change = fc.oneof(fc.record({ add: fc.constantFrom(...topics) }), fc.record({ remove: fc.nat(20) }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), changes => {
        const index = new TopicIndex<{ sequence: number; topic: string }>();
        const model: { sequence: number; topic: string }[] = [];
        let sequence = 0;
        for (const step of changes) {
          if ("add" in step) {
            const item = { sequence: sequence++, topic: step.add };
            index.add(parseTopic(step.add), item);
            model.push(item);
          } else if (model.length > 0) {
            const [item] = model.splice(step.remove % model.length, 1);
            if (item !== undefined) index.remove(parseTopic(item.topic), item);
          }
          for (const [service, event] of [
            ["A", "x"],
            ["A", "y"],
            ["A", "z"],
            ["B", "x"],
            ["C", "x"],
          ] as const) {
            const expected = model.filter(({ topic }) => topic === "*" || topic === `${service}:*` || topic === `${service}:${event}`);
            expect(index.find(service, event)).toEqual(expected);
          }
        }
      }),
    );
  });
});
