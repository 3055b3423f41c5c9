import { SoraError } from "../errors/sora-error.ts";
import { checkedName } from "../definition/names.ts";
import { nearestName } from "../options/nearest-name.ts";
import { parseQueueName } from "./store/queue-name.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { DurableRuntime } from "./durable-runtime.ts";
import type { PausedQueue } from "./store/action-store.ts";

/**
 * The service, or the action of it, that is meant: one of this host, else one that the store knows by what waits there, by a worker or by a pause. The name of a service counts whatever its case.
 *
 * @throws SoraError `SORA_OPTION_INVALID` for what no service or action can be called; `SORA_SERVICE_UNKNOWN` or `SORA_ACTION_UNKNOWN` for what nobody knows.
 */
export async function knownQueue(runtime: DurableRuntime, service: string, action: string | undefined): Promise<PausedQueue> {
  const { registry } = runtime.host;
  checkedName("service", service);
  if (action !== undefined) checkedName("action", action);
  const here = found(() => registry.find(service));
  if (here !== undefined && (action === undefined || found(() => here.action(action)) !== undefined)) return queueOf(here.name, action);
  const stored = await storedQueues(runtime);
  const name = here?.name ?? sameName(service, stored);
  if (name === undefined) throw unknownService(service, [...Array.from(registry, one => one.name), ...stored.map(one => one.service)]);
  const others = stored.filter(one => one.service === name).flatMap(one => one.action ?? []);
  if (action === undefined || others.includes(action)) return queueOf(name, action);
  throw unknownAction(name, action, here, others);
}

function queueOf(service: string, action: string | undefined): PausedQueue {
  return action === undefined ? { service } : { service, action };
}

/** Outcomes alone, which wait for nothing, are not looked for: they are not counted. */
async function storedQueues({ store: { actions } }: DurableRuntime): Promise<readonly PausedQueue[]> {
  const [paused, workers, counts] = await Promise.all([actions.paused(), actions.workers(), actions.counts()]);
  return [...paused, ...[...workers.flatMap(({ queues }) => queues), ...counts.map(({ queue }) => queue)].map(parseQueueName)];
}

function sameName(service: string, queues: readonly PausedQueue[]): string | undefined {
  const names = queues.map(one => one.service);
  return names.find(name => name === service) ?? names.find(name => name.toLowerCase() === service.toLowerCase());
}

function found<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

function unknownService(service: string, known: readonly string[]): SoraError {
  const nearest = nearestName(service, known);
  const meant = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  return new SoraError("SORA_SERVICE_UNKNOWN", `There is no service "${service}" on this host, and the store knows of none${meant}`, {
    details: { service, ...(nearest === undefined ? undefined : { nearest }) },
    fix: "Name a service of this host, or one that has work, a worker or a pause in the store.",
  });
}

function unknownAction(service: string, action: string, here: ServiceRuntime | undefined, others: readonly string[]): SoraError {
  const known = [...new Set([...(here?.definition.actions.keys() ?? []), ...others])];
  const nearest = nearestName(action, known);
  const list = known.length === 0 ? "none is known" : `known are ${known.join(", ")}`;
  return new SoraError("SORA_ACTION_UNKNOWN", `${service} has no action "${action}"; ${nearest === undefined ? list : `did you mean "${nearest}"? ${list}`}.`, {
    details: { service, action, known, ...(nearest === undefined ? undefined : { nearest }) },
    fix: "Name one of those that are known.",
  });
}
