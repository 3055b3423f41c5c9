import type { ServiceEvent } from "../events/service-event.ts";
import type { ActionOptions } from "./action-definition.ts";
import type { ServiceKind } from "./service-kind.ts";
import type { ServiceOptions } from "./service-options.ts";

/** What `@ServiceAction` wrote down. */
export interface ActionMark {
  readonly member: string;
  readonly name: string | undefined;
  readonly options: ActionOptions;
}

/** What a service decorator wrote down on its own class. */
export interface ClassMark {
  readonly kind: ServiceKind;
  readonly options: ServiceOptions;
  /** The class's name in the source, which minifying does not change. */
  readonly name: string | undefined;
}

/** Everything decorators wrote down about one class: its own service options, actions, events, and what was wrong. */
export interface ClassMarks {
  service?: ClassMark;
  readonly actions: Map<string, ActionMark>;
  readonly events: Map<string, ServiceEvent<unknown, unknown>>;
  readonly problems: string[];
}

/**
 * Marks sit on the class, or on the decorator metadata that becomes the class's, under registered symbols: so two copies of the package read each
 * other's, and a method decorator that wraps the method later does not lose them.
 */
const onClass = Symbol.for("sora.marks");

/** The class's own marks, made if need be. */
export function ownMarks(holder: object): ClassMarks {
  if (!Object.hasOwn(holder, onClass)) Object.defineProperty(holder, onClass, { value: createMarks() });
  return (holder as Record<symbol, ClassMarks>)[onClass] as ClassMarks;
}

/** The class's own marks, where a decorator has left any. */
export function existingMarks(holder: object): ClassMarks | undefined {
  return Object.hasOwn(holder, onClass) ? (holder as Record<symbol, ClassMarks>)[onClass] : undefined;
}

/** Takes over what method decorators wrote into the metadata object before the class existed. */
export function adoptMarks(target: object, metadata: object | undefined): void {
  const pending = metadata === undefined ? undefined : existingMarks(metadata);
  if (pending === undefined || metadata === target) return;
  mergeMarks(ownMarks(target), pending);
}

/** Adds `from` to `into`; what `into` already has stays. */
export function mergeMarks(into: ClassMarks, from: ClassMarks): void {
  for (const [member, mark] of from.actions) if (!into.actions.has(member)) into.actions.set(member, mark);
  for (const [name, event] of from.events) if (!into.events.has(name)) into.events.set(name, event);
  for (const problem of from.problems) if (!into.problems.includes(problem)) into.problems.push(problem);
}

function createMarks(): ClassMarks {
  return { actions: new Map(), events: new Map(), problems: [] };
}
