import { SoraError } from "@sora/core/adapter";
import type { HostControl, PausedQueue, ServiceControl } from "@sora/core/adapter";

/** Commands that a periodic service takes as if they were actions. */
const commands: readonly string[] = ["trigger", "check-queue", "process-batch"];

/** How the store knows a service: as this host writes it, whatever the case; one that is not here as it was asked for, since the store holds work of other hosts too. */
export function storedServiceName(control: HostControl, name: string): string {
  return local(control, name)?.name ?? name;
}

/** Whether the action's own definition, on this host, says that what it is called with may be shown. */
export function showsParameters(control: HostControl, service: string, action: string): boolean {
  const here = local(control, service);
  return here?.name === service && here.actions.get(action)?.options.visibleParameters === true;
}

/**
 * The service, and the action, that a queue is asked for by: one of this host, or one that the store holds anything of.
 *
 * @throws SoraError `SORA_SERVICE_UNKNOWN` or `SORA_ACTION_UNKNOWN` for a name that nobody knows, with the nearest.
 */
export async function storedQueue(control: HostControl, service: string, action: string | undefined): Promise<PausedQueue> {
  const here = local(control, service);
  const named = here?.name;
  if (named !== undefined && (action === undefined || isAction(here as ServiceControl, action)))
    return action === undefined ? { service: named } : { service: named, action };
  const known = await storedQueues(control);
  const lower = service.toLowerCase();
  const ofService = known.filter(queue => (named === undefined ? queue.service.toLowerCase() === lower : queue.service === named));
  const found = ofService.find(queue => action === undefined || queue.action === action);
  if (found !== undefined) return action === undefined ? { service: found.service } : { service: found.service, action };
  if (ofService.length === 0) control.find(service); // throws for a service that nobody knows
  const actions = [...new Set([...(here?.actions.keys() ?? []), ...ofService.flatMap(queue => queue.action ?? [])])];
  throw new SoraError("SORA_ACTION_UNKNOWN", `${named ?? service} has no action "${(action ?? "").slice(0, 80)}".`, {
    details: { service, action, known: actions },
  });
}

async function storedQueues(control: HostControl): Promise<readonly PausedQueue[]> {
  if (!control.hasStore()) return [];
  const paused = await control.actions.paused();
  const census = await control.durable();
  return [...(census?.lines ?? []), ...paused];
}

function local(control: HostControl, name: string): ServiceControl | undefined {
  try {
    return control.find(name);
  } catch {
    return undefined;
  }
}

function isAction(service: ServiceControl, action: string): boolean {
  return service.actions.has(action) || (service.status().kind === "periodic" && commands.includes(action));
}
