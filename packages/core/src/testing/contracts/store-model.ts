import type { ContractTest } from "./contract-test.ts";
import { StoreModelRun } from "./model/store-model-run.ts";
import type { StoreStep } from "./model/store-steps.ts";
import { storeSteps } from "./model/store-steps.ts";
import type { StoreHarnessOptions } from "./store-harness.ts";

export interface StoreModelOptions extends Pick<StoreHarnessOptions, "create"> {
  /** How many sequences are drawn; each has a store of its own. */
  readonly sequences: number;
  /** How many sequences are played at the same time, which a store that is waited for has time for. Default 1. */
  readonly atOnce?: number;
  /** Draws the same sequences again; a failure prints it. Default: another each time. */
  readonly seed?: number;
  /** Steps of the longest sequences. Default 40. */
  readonly steps?: number;
}

/**
 * Draws sequences of enqueuing, claiming, settling, cancelling, expiry, recovery, retries, pauses and retention, with keys, chains and debouncing, and holds the store
 * against a reference that knows the rules and nothing else. A failure gives the shortest sequence found, and its seed. Needs fast-check.
 */
export function storeModel({ create, sequences, atOnce = 1, seed, steps = 40 }: StoreModelOptions): ContractTest {
  return {
    title: `storing, claiming and settling go as the reference goes, in ${sequences} sequences`,
    run: async () => {
      const fc = await import("fast-check");
      const play = async (sequence: readonly StoreStep[]): Promise<void> => {
        await using harness = await create();
        await using store = await harness.open();
        await new StoreModelRun(harness, store).run(sequence);
      };
      const draw = (index: number): Promise<void> =>
        fc.assert(fc.asyncProperty(fc.array(storeSteps(fc), { maxLength: steps, size: "max" }), play), {
          numRuns: Math.ceil(sequences / atOnce),
          ...(seed !== undefined && { seed: seed + index }),
        });
      await Promise.all(Array.from({ length: atOnce }, (_, index) => draw(index)));
    },
  };
}
