import type { StandardSchemaV1 } from "@standard-schema/spec";
import { serviceEvent } from "../events/service-event.ts";
import { noteMarks } from "./class-marks.ts";
import { readOptions } from "./read-options.ts";
import { validateEvent } from "./validate-definition.ts";
import type { ServiceEvent as DeclaredEvent } from "../events/service-event.ts";
import type { Report } from "./read-options.ts";

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
export function ServiceEvent(event: DeclaredEvent<any, any>): ServiceEventDecorator;
export function ServiceEvent(name: string, options?: ServiceEventOptions): ServiceEventDecorator;
export function ServiceEvent(event: DeclaredEvent<any, any> | string, options?: ServiceEventOptions): ServiceEventDecorator {
  return (target, context) =>
    noteMarks(target, context, marks => {
      const report: Report = problem => void marks.problems.push(problem);
      const declared: unknown = typeof event === "string" ? declare(event, options, report) : event;
      if (!validateEvent(declared, report)) return;
      const other = marks.events.get(declared.name);
      if (other !== undefined && other !== declared) report(`event ${declared.name} is declared twice; keep one`);
      else marks.events.set(declared.name, declared);
    });
}

function declare(name: string, given: unknown, report: Report): DeclaredEvent {
  const { args, ...options } = readOptions(given, problem => report(`event ${name}: ${problem}`), ["args"]);
  return serviceEvent(name, args as StandardSchemaV1 | undefined, options);
}
