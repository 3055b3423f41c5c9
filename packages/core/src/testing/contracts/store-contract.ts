import type { ContractTest } from "./contract-test.ts";
import type { StoreHarnessOptions } from "./store-harness.ts";
import { cancelling } from "./store/cancelling.ts";
import { chains } from "./store/chains.ts";
import { claims } from "./store/claims.ts";
import { contention } from "./store/contention.ts";
import { debounce } from "./store/debounce.ts";
import { dueTimes } from "./store/due-times.ts";
import { keys } from "./store/keys.ts";
import { lifetimes } from "./store/lifetimes.ts";
import { outbox } from "./store/outbox.ts";
import { overview } from "./store/overview.ts";
import { retrying } from "./store/retrying.ts";
import { schedules } from "./store/schedules.ts";
import { settlements } from "./store/settlements.ts";
import type { StorePromise } from "./store/store-bench.ts";
import { StoreBench } from "./store/store-bench.ts";
import { storing } from "./store/storing.ts";
import { ticksAndLeases } from "./store/ticks-and-leases.ts";
import { transactions } from "./store/transactions.ts";
import { workers } from "./store/workers.ts";

const promises: Readonly<Record<string, readonly StorePromise[]>> = {
  storing, dueTimes, keys, chains, debounce, contention, claims, settlements, workers, cancelling, retrying, overview, schedules, ticksAndLeases, outbox, lifetimes, transactions,
}; // prettier-ignore

/**
 * What every store of durable work promises, as tests for any runner:
 *
 * ```ts
 * test.for(storeContract({ create }))("$title", async ({ run, skip }, context) => {
 *   context.skip(skip !== undefined, skip);
 *   await run();
 * });
 * ```
 *
 * Each test has a store of its own. The title of a test that the adapter cannot be held to ends with the reason.
 */
export function storeContract({ create, cannot = {} }: StoreHarnessOptions): readonly ContractTest[] {
  return Object.entries(promises).flatMap(([group, tests]) =>
    tests.map(({ title, needs, run }): ContractTest => {
      const skip = needs === undefined ? undefined : cannot[needs];
      return {
        title: `${group}: ${title}${skip === undefined ? "" : ` (not here: ${skip})`}`,
        ...(skip !== undefined && { skip }),
        run: async () => {
          await using bench = await StoreBench.create(create);
          await run(bench);
        },
      };
    }),
  );
}
