import { expect, test } from "vitest";
import { plantedBugs } from "./planted-bugs.ts";
import { simulate } from "./simulate.ts";

const nightly = process.env["SORA_NIGHTLY"] === "1";
const seeds = nightly ? 100_000 : 500;

test(`simulate finds every promise kept in ${seeds} seeds`, { timeout: nightly ? 3_600_000 : 120_000 }, async () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violations, trace } = await simulate(seed);
    expect(violations, `seed ${seed}; replay with: npm run simulate -- --seed ${seed}\n${violations.length > 0 ? trace.slice(-40).join("\n") : ""}`).toEqual(
      [],
    );
  }
});

test("simulate leaves the same trace for the same seed", async () => {
  for (const seed of [1, 7, 42, 4_711]) {
    const [first, second] = [await simulate(seed), await simulate(seed)];
    expect(second.trace).toEqual(first.trace);
    expect(second.digest).toBe(first.digest);
  }
});

test("simulate does other things for other seeds", async () => {
  const digests = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) digests.add((await simulate(seed)).digest);
  expect(digests.size).toBe(20);
});

test.each(plantedBugs.map(bug => ({ bug, title: bug.name })))("simulate notices when $title", async ({ bug }) => {
  using _planted = bug.plant();
  let found: string | undefined;
  for (let seed = 1; seed <= 200 && found === undefined; seed++) found = (await simulate(seed)).violations[0];
  expect(found).toBeDefined();
});
