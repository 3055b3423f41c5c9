import { toProblem } from "../http/to-problem.ts";
import { shownQueues } from "../control/queue-routes.ts";
import { shownSchedule } from "../control/schedule-routes.ts";
import { shownAction } from "../control/stored-action-routes.ts";
import type { ActionStatus } from "@sora/core";
import type { DurableCensus, HostControl } from "@sora/core/adapter";
import type { StoredQueue } from "../answers/queue-answers.ts";
import type { StoredSchedule } from "../answers/schedule-answers.ts";

/** Stored work as the status page shows it. */
export type StoredView =
  | {
      readonly census: DurableCensus;
      readonly queues: readonly StoredQueue[];
      /** The last stored first, as many as a page bears. */
      readonly dead: readonly ActionStatus[];
      readonly schedules: readonly StoredSchedule[];
    }
  /** Why nothing is known. */
  | { readonly trouble: string };

/** Dead actions, and schedules, that are shown; the routes list all. */
const most = 25;
/** Milliseconds that the store is waited for: the rest of the page is worth showing without it. */
const patience = 1_000;

/** What the store holds, as far as it answers within a second; `undefined` where the host has none. Never rejects. */
export async function storedView(control: HostControl): Promise<StoredView | undefined> {
  if (!control.hasStore()) return undefined;
  const { promise: late, resolve } = Promise.withResolvers<StoredView>();
  const timer = control.clock.setTimer(() => resolve({ trouble: "It has not answered within a second." }), patience);
  try {
    return await Promise.race([look(control), late]);
  } catch (error) {
    return { trouble: toProblem(error).message };
  } finally {
    timer.cancel();
  }
}

async function look(control: HostControl): Promise<StoredView | undefined> {
  const [{ actions }, schedules, paused] = await Promise.all([
    control.actions.list({ state: "dead", limit: most }),
    control.schedules.list({ limit: most }),
    control.actions.paused(),
  ]);
  const census = await control.durable();
  if (census === undefined) return undefined;
  return { census, queues: shownQueues(census.lines, paused), dead: actions.map(shownAction), schedules: schedules.map(shownSchedule) };
}
