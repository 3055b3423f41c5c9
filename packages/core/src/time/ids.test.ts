import { describe, expect, test } from "vitest";
import { seededChance } from "./chance.ts";
import { seededIds, systemIds } from "./ids.ts";

describe("seededIds", () => {
  test("gives the same ids for the same chance", () => {
    const one = seededIds(seededChance(5));
    const other = seededIds(seededChance(5));
    for (let i = 0; i < 3_000; i++) expect(one.next()).toBe(other.next());
  });

  test("never repeats an id, past every carry of its counter, nor meets another source of the same chance", () => {
    const chance = seededChance(1);
    const sources = [seededIds(chance), seededIds(chance)] as const;
    const seen = new Set<string>();
    for (let i = 0; i < 50_000; i++) for (const source of sources) seen.add(source.next());
    expect(seen.size).toBe(100_000);
  });

  test("draws no chance before the first id", () => {
    let draws = 0;
    const ids = seededIds({ next: () => ((draws += 1), 0.5) });
    expect(draws).toBe(0);
    ids.next();
    expect(draws).toBeGreaterThan(0);
  });
});

describe("systemIds", () => {
  test("gives lower-case letters and digits only, 16 to 24 of them", () => {
    for (let i = 0; i < 2_000; i++) expect(systemIds.next()).toMatch(/^[0-9a-z]{16,24}$/);
  });

  test("does not repeat", () => {
    expect(new Set(Array.from({ length: 20_000 }, () => systemIds.next())).size).toBe(20_000);
  });
});
