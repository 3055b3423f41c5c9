import type * as FastCheck from "fast-check";

/** All spans of a sequence are whole numbers of these, so that what a real clock adds to them decides nothing. */
export const span = 60_000;

/** Queues that sequences know: two versions of an action, and two actions beside it. */
const modelQueues: readonly string[] = ["A/a@1", "A/a@2", "A/b@1", "B/a@1"];

/** How one attempt is settled. `pick` chooses among what the worker runs; `stale` gives a fence that is not the present one. */
export interface SettleStep {
  readonly pick: number;
  readonly kind: "completed" | "failed" | "dead" | "cancelled" | "released";
  readonly spans: number;
  readonly stale: boolean;
}

/** One thing done to a store. Numbers called `pick` choose among what there is, whatever there is. */
export type StoreStep =
  | { readonly step: "enqueue"; readonly actions: readonly NewActionStep[] }
  | { readonly step: "again"; readonly pick: number }
  | { readonly step: "join" }
  | { readonly step: "renew" | "leave"; readonly worker: number }
  | { readonly step: "turn"; readonly worker: number; readonly settle: readonly SettleStep[]; readonly claim: ClaimStep | undefined; readonly forgets: boolean }
  | { readonly step: "recover"; readonly limit: number; readonly spans: number }
  | { readonly step: "cancel"; readonly picks: readonly number[]; readonly spans: number | undefined }
  | { readonly step: "retry"; readonly picks: readonly number[] }
  | { readonly step: "pause" | "resume"; readonly queue: string }
  | { readonly step: "purge"; readonly spans: number | undefined }
  | { readonly step: "advance"; readonly spans: number };

export interface NewActionStep {
  readonly queue: string;
  readonly priority: number;
  readonly attempts: number;
  readonly spans: number;
  readonly key: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly debounceKey: string | undefined;
  readonly after: number | undefined;
}

export interface ClaimStep {
  readonly queues: readonly string[];
  readonly most: number;
  readonly mostOfQueue: number | undefined;
  /** Limits that queues share, any of them. */
  readonly groups: readonly { readonly queues: readonly string[]; readonly most: number }[];
  readonly suspect: boolean;
}

/** Keys by name, and how many of each are let in. */
export const keyLimits: Readonly<Record<string, number>> = { one: 1, uno: 1, two: 2 };

/** What is done to a store, in any order. */
export function storeSteps(fc: typeof FastCheck): FastCheck.Arbitrary<StoreStep> {
  const pick = fc.nat(30);
  const few = fc.integer({ min: 0, max: 3 });
  const now = { weight: 3, arbitrary: fc.constant(0) };
  const spans = fc.oneof(now, { weight: 1, arbitrary: few });
  const rarely = <T>(arbitrary: FastCheck.Arbitrary<T>): FastCheck.Arbitrary<T | undefined> =>
    fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
  const action: FastCheck.Arbitrary<NewActionStep> = fc.record({
    queue: fc.constantFrom(...modelQueues),
    priority: fc.integer({ min: -1, max: 1 }),
    attempts: fc.integer({ min: 1, max: 3 }),
    spans,
    key: rarely(fc.constantFrom(...Object.keys(keyLimits))),
    idempotencyKey: rarely(fc.constantFrom("i", "j")),
    debounceKey: rarely(fc.constantFrom("d", "one")),
    after: rarely(pick),
  });
  const settle: FastCheck.Arbitrary<SettleStep> = fc.record({
    pick,
    kind: fc.constantFrom("completed", "completed", "failed", "failed", "dead", "cancelled", "released"),
    spans: few,
    stale: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  });
  const claim: FastCheck.Arbitrary<ClaimStep> = fc.record({
    queues: fc.oneof(fc.constant(modelQueues), fc.subarray([...modelQueues])),
    most: fc.integer({ min: 1, max: 6 }),
    mostOfQueue: rarely(fc.integer({ min: 1, max: 3 })),
    groups: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.record({ queues: fc.subarray([...modelQueues]), most: fc.integer({ min: 1, max: 3 }) }), { maxLength: 3 }) },
    ),
    suspect: fc.boolean(),
  });
  const paused = fc.constantFrom("A", "B", "A/a");
  const worker = fc.nat(3);
  return fc.oneof(
    { weight: 8, arbitrary: fc.record({ step: fc.constant("enqueue" as const), actions: fc.array(action, { minLength: 1, maxLength: 4 }) }) },
    { weight: 1, arbitrary: fc.record({ step: fc.constant("again" as const), pick }) },
    { weight: 3, arbitrary: fc.record({ step: fc.constant("join" as const) }) },
    { weight: 1, arbitrary: fc.record({ step: fc.constantFrom("renew" as const, "renew" as const, "leave" as const), worker }) },
    {
      weight: 12,
      arbitrary: fc.record({
        step: fc.constant("turn" as const),
        worker,
        settle: fc.array(settle, { maxLength: 4 }),
        claim: fc.option(claim, { nil: undefined, freq: 4 }),
        forgets: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ step: fc.constant("recover" as const), limit: fc.constantFrom(1, 2, 1_000), spans: few }) },
    { weight: 2, arbitrary: fc.record({ step: fc.constant("cancel" as const), picks: fc.array(pick, { minLength: 1, maxLength: 3 }), spans: rarely(few) }) },
    { weight: 2, arbitrary: fc.record({ step: fc.constant("retry" as const), picks: fc.array(pick, { minLength: 1, maxLength: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ step: fc.constantFrom("pause" as const, "resume" as const), queue: paused }) },
    { weight: 2, arbitrary: fc.record({ step: fc.constant("purge" as const), spans: rarely(few) }) },
    { weight: 3, arbitrary: fc.record({ step: fc.constant("advance" as const), spans: fc.integer({ min: 1, max: 2 }) }) },
  );
}
