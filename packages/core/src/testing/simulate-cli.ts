import { parseArgs } from "node:util";
import { plantedStoreBugs } from "./simulator/cluster/planted-store-bugs.ts";
import { simulateCluster } from "./simulator/cluster/simulate-cluster.ts";
import { plantedBugs } from "./simulator/planted-bugs.ts";
import { simulate } from "./simulator/simulate.ts";

/**
 * `npm run simulate -- [--cluster] [--seed N] [--seeds COUNT] [--from N] [--plant NAME]`: one seed with its whole trace, or many with what they found; of one host, or of
 * several on one store.
 */
const { values } = parseArgs({
  options: {
    cluster: { type: "boolean", default: false },
    seed: { type: "string" },
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    plant: { type: "string" },
  },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const [run, bugs] = values.cluster ? [simulateCluster, plantedStoreBugs] : [simulate, plantedBugs];
const planted = values.plant === undefined ? undefined : bugs.find(bug => bug.name === values.plant);
if (values.plant !== undefined && planted === undefined) print(`There is no planted bug "${values.plant}"; there are ${bugs.map(bug => bug.name).join(", ")}.`);
using _bug = planted?.plant();

if (values.seed !== undefined) {
  const report = await run(Number(values.seed));
  for (const line of report.trace) print(line);
  print(`seed ${report.seed}: digest ${report.digest}, ${report.violations.length} violations`);
  for (const violation of report.violations) print(`  - ${violation}`);
  process.exitCode = report.violations.length === 0 ? 0 : 1;
} else {
  const from = Number(values.from);
  const count = Number(values.seeds);
  let failed = 0;
  for (let seed = from; seed < from + count; seed++) {
    const { violations } = await run(seed);
    if (violations.length === 0) continue;
    failed++;
    print(
      `seed ${seed}: ${violations[0]}${violations.length > 1 ? ` (and ${violations.length - 1} more)` : ""}; replay with: npm run simulate -- ${values.cluster ? "--cluster " : ""}--seed ${seed}`,
    );
  }
  print(`${count} seeds, ${failed} with violations`);
  process.exitCode = failed === 0 ? 0 : 1;
}
