import { expect, test } from "vitest";
import { crashes } from "./crash-point.ts";
import { plantedStoreBugs } from "./planted-store-bugs.ts";
import { simulateCluster } from "./simulate-cluster.ts";

const nightly = process.env["SORA_NIGHTLY"] === "1";
const seeds = nightly ? 100_000 : 300;

test(
  `simulateCluster finds every promise kept in ${seeds} seeds, in which hosts crash at every named moment`,
  { timeout: nightly ? 14_400_000 : 240_000 },
  async () => {
    const crashed = new Set<string>();
    for (let seed = 1; seed <= seeds; seed++) {
      const { violations, trace, crashes: moments } = await simulateCluster(seed);
      for (const moment of moments) crashed.add(moment);
      expect(
        violations,
        `seed ${seed}; replay with: npm run simulate -- --cluster --seed ${seed}\n${violations.length > 0 ? trace.slice(-40).join("\n") : ""}`,
      ).toEqual([]);
    }
    expect(crashes.map(({ moment, point }) => `${moment} ${point}`).filter(moment => !crashed.has(moment))).toEqual([]);
  },
);

test("simulateCluster leaves the same trace for the same seed", async () => {
  for (const seed of [1, 7, 42, 4_711]) {
    const [first, second] = [await simulateCluster(seed), await simulateCluster(seed)];
    expect(second.trace).toEqual(first.trace);
    expect(second.digest).toBe(first.digest);
  }
});

test("simulateCluster does other things for other seeds", async () => {
  const digests = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) digests.add((await simulateCluster(seed)).digest);
  expect(digests.size).toBe(20);
});

test.each(plantedStoreBugs.map(bug => ({ bug, title: bug.name })))("simulateCluster notices when $title", { timeout: 60_000 }, async ({ bug }) => {
  using _planted = bug.plant();
  let found: string | undefined;
  for (let seed = 1; seed <= 100 && found === undefined; seed++) found = (await simulateCluster(seed)).violations[0];
  expect(found).toBeDefined();
});
