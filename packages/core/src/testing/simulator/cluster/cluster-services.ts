import { defineService } from "../../../definition/define-service.ts";
import { type } from "../../../definition/type.ts";
import { outboxProcessor } from "../../../outbox/outbox-processor.ts";
import type { OutboxMessage } from "../../../outbox/outbox-message.ts";
import type { ServiceSource } from "../../../host/host-options.ts";
import type { ActionContext } from "../../../actions/action-context.ts";
import type { RunContext } from "../../../actions/run-context.ts";
import type { ClusterLedger } from "./cluster-ledger.ts";
import type { CrashSwitch } from "./crash-point.ts";
import type { OutboxLedger } from "./outbox-ledger.ts";
import type { SingletonLedger } from "./singleton-ledger.ts";

/** What a stored action is to do, drawn beforehand. */
export interface ClusterWork {
  /** Milliseconds of each attempt. */
  readonly takes: number;
  /** Attempts that fail, from the first on. */
  readonly fails: number;
  /** Whether it ends when its signal is aborted. */
  readonly obeys: boolean;
}

export const workName = "Work";

/** The service every host of a cluster runs: one action that may run as often as there is room, and one that is limited. */
export function clusterService(host: string, ledger: ClusterLedger, crash: CrashSwitch): ServiceSource {
  const run = async ({ takes, fails, obeys }: ClusterWork, context: ActionContext): Promise<unknown> => {
    const { attempt, signal, storedId = "", clock } = context;
    await crash.pass(["start"], "before");
    const record = ledger.began(host, storedId, attempt, signal);
    await crash.pass(["start"], "after");
    try {
      await clock.sleep(takes, obeys ? signal : undefined);
    } catch (error) {
      ledger.ended(record, "aborted");
      throw error;
    }
    await crash.pass(["end"], "before");
    if (attempt <= fails) {
      ledger.ended(record, "fails");
      throw new Error("as drawn");
    }
    ledger.ended(record, "ends");
    await crash.pass(["end"], "after");
    return { attempt };
  };
  const parameters = type<ClusterWork>();
  return defineService(workName, { actions: { free: { parameters, run }, limited: { parameters, run, concurrency: 2 } } });
}

/** Milliseconds for which nobody looks into the outbox where there was nothing, or the store refused. */
export const outboxPause = 3_000;

/** Milliseconds between two writes of the singleton. */
export const writePause = 700;

/** The service of which only one host may run its work at a time. It ends when it is told, or when its write does not pass. */
export function singletonService(host: string, ledger: SingletonLedger): ServiceSource {
  const execute = async ({ signal, fence, clock }: RunContext): Promise<void> => {
    while (!signal.aborted && ledger.write(host, fence)) await clock.sleep(writePause, signal);
    await clock.sleep(1e9, signal);
  };
  return defineService("Only", { singleton: true, execute });
}

/** The service that publishes what hosts have written to the outbox, on one of them at a time. */
export function outboxService(ledger: OutboxLedger, crash: CrashSwitch): ServiceSource {
  const publish = async ({ id }: OutboxMessage): Promise<void> => {
    await crash.pass(["outbox send"], "before");
    ledger.sent(id);
    await crash.pass(["outbox send"], "after");
  };
  return outboxProcessor({ name: "Teller", batchSize: 3, pollInterval: outboxPause, errorDelay: outboxPause, publish });
}
