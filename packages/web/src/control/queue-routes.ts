import type { CensusLine, HostControl, PausedQueue } from "@sora/core/adapter";
import { queueName } from "@sora/core/adapter";
import { countedStates } from "../answers/queue-answers.ts";
import { json } from "../routing/reply.ts";
import { nameFrom } from "./service-of.ts";
import type { CountedState, QueueAnswer, StoredQueue, StoredQueues } from "../answers/queue-answers.ts";
import type { Route } from "../routing/route.ts";

/** What stored actions wait for: queues by service and action, workers, and pausing them. */
export function queueRoutes(control: HostControl): Route[] {
  const act = (verb: "pause" | "resume", path: string, summary: string): Route => ({
    method: "POST",
    path: `/api/queues/:service${path}/${verb}`,
    scope: "operate",
    summary,
    handle: async exchange => {
      const service = nameFrom(exchange, "service");
      const action = exchange.parameters["action"] === undefined ? undefined : nameFrom(exchange, "action");
      if (!control.hasStore()) control.find(service); // else one would be made to ask it for a name that nobody knows
      return json<QueueAnswer>({ ...(await control.actions[verb](service, action)), paused: verb === "pause" });
    },
  });
  return [
    {
      method: "GET",
      path: "/api/queues",
      scope: "read",
      summary: "Counts stored actions by service, action and state, and tells what is paused and what no worker can run",
      handle: async () => {
        if (!control.hasStore()) return json<StoredQueues>({ workers: 0, running: 0, concurrency: 0, queues: [], paused: [] });
        const paused = await control.actions.paused(); // opens the store where that has to be done
        const census = await control.durable();
        const { store, workers = 0, running = 0, concurrency = 0, lines = [] } = census ?? {};
        return json<StoredQueues>({
          ...(store === undefined ? undefined : { store }),
          workers,
          running,
          concurrency,
          queues: shownQueues(lines, paused),
          paused,
        });
      },
    },
    act("pause", "", "Has no host begin any stored action of the service; what runs goes on"),
    act("resume", "", "Has stored actions of the service begin again"),
    act("pause", "/actions/:action", "Has no host begin any stored call of the action; what runs goes on"),
    act("resume", "/actions/:action", "Has stored calls of the action begin again"),
  ];
}

/** A line of the census for each queue and state, as one row for each queue. */
export function shownQueues(lines: readonly CensusLine[], paused: readonly PausedQueue[]): StoredQueue[] {
  const queues = new Map<string, StoredQueue>();
  for (const { service, action, version, state, count, unclaimable } of lines) {
    const name = queueName({ service, action, version });
    const queue = queues.get(name) ?? {
      service,
      action,
      version,
      ...(Object.fromEntries(countedStates.map(one => [one, 0])) as Record<CountedState, number>),
      paused: paused.some(one => one.service === service && (one.action ?? action) === action),
      unclaimable: false,
    };
    queues.set(name, { ...queue, [state]: count, unclaimable: queue.unclaimable || unclaimable });
  }
  return [...queues.values()].toSorted((one, other) => compare(one.service, other.service) || compare(one.action, other.action) || one.version - other.version);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
