import { describe, expect, test } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import type { Chance } from "./chance.ts";
import { seededChance, systemChance } from "./chance.ts";

const draw = (chance: Chance, count: number): number[] => Array.from({ length: count }, () => chance.next());

describe("seededChance", () => {
  test("gives the same sequence for the same seed, for ever: a recorded one", () => {
    expect(draw(seededChance(42), 3)).toEqual([0.060901905380698285, 0.6930498230135619, 0.11443638888026164]);
  });

  test.each([
    [1, 2],
    [1, 1.5],
    [1, -1],
    [0, 2 ** 32],
    [7, 7 + 2 ** 32],
    [1e300, 1e301],
  ])("gives different sequences for seeds %d and %d", (one, other) => {
    const first = draw(seededChance(one), 8);
    expect(draw(seededChance(other), 8).filter((value, i) => value === first[i])).toEqual([]);
  });

  test("takes 0 and -0 as one seed", () => {
    expect(draw(seededChance(-0), 4)).toEqual(draw(seededChance(0), 4));
  });

  test("spreads evenly over [0, 1), also between neighbouring draws", () => {
    const cells = new Float64Array(256);
    const chance = seededChance(2026);
    const draws = 256_000;
    for (let i = 0; i < draws; i++) {
      const cell = Math.floor(chance.next() * 16) * 16 + Math.floor(chance.next() * 16);
      cells[cell] = (cells[cell] as number) + 1;
    }
    const expected = draws / 256;
    expect(cells.reduce((sum, seen) => sum + seen)).toBe(draws); // one outside [0, 1) would have had no cell
    const chiSquared = cells.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
    expect(chiSquared).toBeLessThan(340); // 255 degrees of freedom: one even generator in 4,000 exceeds it
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("refuses the seed %d", seed => {
    expect(() => seededChance(seed)).toThrow(expect.toSatisfy(error => SoraError.is(error, "SORA_OPTION_INVALID")));
  });
});

describe("systemChance", () => {
  test("stays in [0, 1)", () => {
    expect(draw(systemChance, 1_000).every(value => value >= 0 && value < 1)).toBe(true);
  });
});
