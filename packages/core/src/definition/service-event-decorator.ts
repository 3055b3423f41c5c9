import type { StandardSchemaV1 } from "@standard-schema/spec";
import { serviceEvent } from "../events/service-event.ts";
import { ownMarks } from "./class-marks.ts";
import type { ServiceEvent as DeclaredEvent } from "../events/service-event.ts";

/** Options of an event declared by name. */
export interface ServiceEventOptions {
  readonly args?: StandardSchemaV1;
  readonly description?: string;
  readonly version?: number;
  readonly durable?: boolean;
}

/** Stands on a class or a method, as often as needed; also a plain function of a class. */
export type ServiceEventDecorator = (target: object, context?: ClassDecoratorContext | ClassMethodDecoratorContext) => void;

/** Declares that a service emits `event`. Never throws; problems are reported at start. */
export function ServiceEvent(event: DeclaredEvent<never, never> | DeclaredEvent | string, options: ServiceEventOptions = {}): ServiceEventDecorator {
  return (target, context) => {
    const { args, ...rest } = options;
    const declared = (typeof event === "string" ? (args === undefined ? serviceEvent(event, undefined, rest) : serviceEvent(event, args, rest)) : event) as DeclaredEvent<unknown, unknown>;
    const holder = context?.kind === "method" ? ((context.metadata as object | undefined) ?? target) : target;
    ownMarks(holder).events.set(declared?.name, declared);
  };
}
