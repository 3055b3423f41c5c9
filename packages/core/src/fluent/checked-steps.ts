import { SoraError } from "../errors/sora-error.ts";
import { isServiceEvent } from "../events/service-event.ts";
import { shown } from "../options/shown.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { EventHandler, OverflowPolicy } from "./builders.ts";

// What the compiler cannot keep out: JavaScript, `any`, and what is `undefined` because its module is still being loaded. Each throws `SORA_OPTION_INVALID`.

export function checkedEvent(event: ServiceEvent | string): ServiceEvent | string {
  if (typeof event === "string" || isServiceEvent(event)) return event;
  throw refusal("Cannot subscribe", event, "an event is one that serviceEvent() made, or a name");
}

export function checkedHandler(handler: EventHandler<unknown>): EventHandler<unknown> {
  if (typeof handler === "function") return handler;
  throw refusal("Cannot go on with the chain", handler, "after an event, a function handles it and a string names an action");
}

export function checkedFilter(filter: (args: unknown) => boolean): (args: unknown) => boolean {
  if (typeof filter === "function") return filter;
  throw refusal("Cannot filter", filter, "a filter is a function of an event's arguments");
}

const policies: readonly OverflowPolicy[] = ["drop-newest", "drop-oldest", "wait"];

export function checkedOverflow(policy: OverflowPolicy): OverflowPolicy {
  if (policies.includes(policy)) return policy;
  throw refusal("Cannot queue", policy, `an overflow policy is one of ${policies.map(one => `"${one}"`).join(", ")}`);
}

export function checkedSignal(signal: AbortSignal): AbortSignal {
  if (typeof (signal as Partial<AbortSignal> | null)?.addEventListener === "function" && typeof signal.aborted === "boolean") return signal;
  throw refusal("Cannot cancel by this", signal, "it is an AbortSignal");
}

function refusal(outcome: string, seen: unknown, allowed: string): SoraError {
  const why = seen === undefined ? "undefined was given: it is declared further down, or its module imports this one" : `${shown(seen)} was given`;
  return new SoraError("SORA_OPTION_INVALID", `${outcome}: ${why}; ${allowed}.`, { details: { seen: shown(seen) } });
}
