import { expectTypeOf } from "vitest";
import { z } from "zod";
import { defineService } from "../definition/define-service.ts";
import { type } from "../definition/type.ts";
import { SoraServices } from "./sora-services.ts";
import type { ActionReceipt } from "../durable/action-receipt.ts";
import type { BatchReceipt } from "../durable/batch-receipt.ts";
import type { ScheduleStatus } from "../durable/stored-schedules.ts";

const sync = defineService("Sync", {
  actions: {
    syncSource: { parameters: z.object({ source: z.string(), full: z.boolean().default(false) }), run: async ({ source }) => ({ source }) },
    validate: async () => true,
    report: { parameters: type<string | undefined>(), run: text => text?.length ?? 0 },
  },
});
const services = SoraServices.of(sync);

// One action's receipt has its result, a chain's a tuple.
expectTypeOf(services.do("validate").enqueue()).toEqualTypeOf<Promise<ActionReceipt<boolean>>>();
expectTypeOf(services.do("sync-source", { source: "a" }).do("validate").do("report").enqueue()).toEqualTypeOf<
  Promise<ActionReceipt<[{ source: string }, boolean, number]>>
>();

// Each option leaves the result's type as it is, in any order with those of every call.
const withAll = services
  .do("sync-source", { source: "a" })
  .withPriority(5)
  .withRetry({ attempts: 5, backoff: "exponential", delay: "1s", maxDelay: "5m", jitter: "full" })
  .withDelay("10m")
  .at(new Date())
  .withDeadline("1h")
  .withKey("tenant-7", { concurrency: 2 })
  .withIdempotencyKey("f1:pt-BR")
  .withTimeout("30s")
  .withMetadata({ tenant: "t" })
  .withCorrelationId("c");
expectTypeOf(withAll.enqueue({ transaction: {} })).toEqualTypeOf<Promise<ActionReceipt<{ source: string }>>>();
expectTypeOf(withAll.do("validate").withDebounce({ wait: "1s" }).enqueue()).toEqualTypeOf<Promise<ActionReceipt<[{ source: string }, boolean]>>>();
expectTypeOf(services.do("report").schedule("nightly", { cron: "0 3 * * *", timeZone: "Europe/Berlin" })).toEqualTypeOf<Promise<ScheduleStatus>>();

// What only a stored action has cannot be executed, subscribed to, or given a signal, which cannot be stored.
// @ts-expect-error a delayed call is enqueued
services.do("validate").withDelay("1s").execute();
// @ts-expect-error no signal is stored
services.do("validate").withDelay("1s").withSignal(AbortSignal.abort());
// @ts-expect-error events are for calls
services.do("validate").withKey("k").on("Done");

// A batch has a receipt whose results settle one by one.
expectTypeOf(
  services
    .doEach("sync-source", [{ source: "a" }, { source: "b", full: true }])
    .withPriority(1)
    .enqueue(),
).toEqualTypeOf<Promise<BatchReceipt<{ source: string }>>>();
// @ts-expect-error each item is checked
services.doEach("sync-source", [{ source: 1 }]);
// @ts-expect-error an unknown action
services.doEach("sync", []);

// Mistakes do not compile.
// @ts-expect-error an unknown action further on
services.do("validate").withDelay("1s").do("reprt");
// @ts-expect-error wrong parameters further on
services.do("validate").withDelay("1s").do("sync-source", { source: 1 });
// @ts-expect-error a typo in a duration
services.do("validate").withDelay("10 min");
// @ts-expect-error a function cannot be stored
services.do("validate").withRetry({ retryIf: () => true });
// @ts-expect-error no such backoff
services.do("validate").withRetry({ backoff: "linear" });
// @ts-expect-error when is said by cron or every
void services.do("validate").schedule("x", {});
// @ts-expect-error by one of them
void services.do("validate").schedule("x", { cron: "0 3 * * *", every: "1h" });
// @ts-expect-error an interval is the same in every zone
void services.do("validate").schedule("x", { every: "1h", timeZone: "Europe/Berlin" });
// @ts-expect-error a wait is needed
services.do("validate").withDebounce({ key: "k" });
// @ts-expect-error nothing to enqueue yet
services.enqueue();
