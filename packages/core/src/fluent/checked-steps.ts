import { isServiceEvent } from "../events/service-event.ts";
import { limits } from "../options/limits.ts";
import { notAllowed } from "../options/not-allowed.ts";
import { checkedElsewhere } from "../options/option-check.ts";
import { readChecked } from "../options/read-checked.ts";
import type { SoraError } from "../errors/sora-error.ts";
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

/** @throws for what is no array, and for one with holes, which would be lost where it is mapped. */
export function checkedItems(items: readonly unknown[]): readonly unknown[] {
  if (!Array.isArray(items)) throw notAllowed("Cannot enqueue one action for each item", items, "the items are an array");
  const hole = items.findIndex((_, index) => !(index in items));
  if (hole === -1) return items;
  throw notAllowed("Cannot enqueue one action for each item", items, `its item ${hole} is missing, and an item without parameters is \`undefined\``);
}

/** Options of a step, which are an object. */
export function checkedOptions<Options extends object>(options: Options, outcome: string, allowed: string): Options {
  if (typeof options === "object" && (options as Options | null) !== null) return options;
  throw notAllowed(outcome, options, allowed);
}

/** @throws for what is no whole number within {@link limits}. */
export function checkedPriority(priority: number): number {
  if (Number.isInteger(priority) && Math.abs(priority) <= limits.priority) return priority;
  throw notAllowed("Cannot use this priority", priority, `it is a whole number from -${limits.priority} to ${limits.priority}`);
}

const longestCorrelationId = 200;

export function checkedCorrelationId(correlationId: string): string {
  if (typeof correlationId === "string" && correlationId !== "" && correlationId.length <= longestCorrelationId) return correlationId;
  throw notAllowed("Cannot use this correlation id", correlationId, `it is a string of 1 to ${longestCorrelationId} characters`);
}

/** The transaction that the options of `enqueue()` name, for the store to look at. One that is misspelt must not be left out: what is stored would outlive a rollback. */
export function checkedTransaction(options: { readonly transaction?: unknown } | undefined): unknown {
  return options === undefined ? undefined : readChecked(options, { transaction: checkedElsewhere }, "enqueue()", "Cannot enqueue").transaction;
}

function refusal(outcome: string, seen: unknown, allowed: string): SoraError {
  return notAllowed(outcome, seen, allowed, seen === undefined ? "it is declared further down, or its module imports this one" : undefined);
}
