import { expect, test } from "vitest";
import { decideOverlap, misfirePolicy } from "./overlap-policy.ts";
import type { MisfireOption, OverlapPolicy } from "../definition/service-options.ts";
import type { OverlapDecision } from "./overlap-policy.ts";

test.each<[OverlapPolicy, MisfireOption | undefined, number, OverlapDecision]>([
  ["skip", undefined, 0, "skip"],
  ["skip", "once", 0, "skip"],
  ["queue", "skip", 0, "queue"],
  ["allow", "skip", 0, "run"],
  ["allow", "all", 0, "run"],
  ["skip", { all: 3 }, 2, "make up"],
  ["skip", { all: 3 }, 3, "skip"],
  ["queue", { all: 3 }, 2, "make up"],
  ["queue", { all: 3 }, 3, "queue"],
  ["skip", "all", 99, "make up"],
  ["skip", "all", 100, "skip"],
])("decideOverlap with overlap %j and misfire %j, where %i ticks are to be made up for: %s", (overlap, misfire, madeUpFor, decision) => {
  expect(decideOverlap(overlap, misfirePolicy(misfire), madeUpFor)).toBe(decision);
});
