import type { StandardSchemaV1 } from "@standard-schema/spec";
import { serviceEvent } from "../events/service-event.ts";
import { noteMarks } from "./class-marks.ts";
import { checkedElsewhere, checkOptions } from "../options/option-check.ts";
import { readOptions } from "../options/read-options.ts";
import { reportOlderRules } from "./older-rules.ts";
import { validateEvent } from "./validate-definition.ts";
import type { ServiceEvent as DeclaredEvent } from "../events/service-event.ts";
import type { OptionChecks, Report } from "../options/option-check.ts";

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
  return (target, context) => {
    if (typeof context === "string" && reportOlderRules(target, `an event on ${context as string}`, className => `ServiceEvent(…)(${className})`)) return;
    noteMarks(target, context, marks => {
      const report: Report = problem => void marks.problems.push(problem);
      const declared: unknown = typeof event === "string" ? declare(event, options, report) : event;
      if (!validateEvent(declared, report)) return;
      const other = marks.events.get(declared.name);
      if (other !== undefined && other !== declared) report(`event ${declared.name} is declared twice; keep one`);
      else marks.events.set(declared.name, declared);
    });
  };
}

/** Their values are held to what {@link serviceEvent} asks of them. */
const known: OptionChecks<ServiceEventOptions> = {
  args: checkedElsewhere,
  description: checkedElsewhere,
  version: checkedElsewhere,
  durable: checkedElsewhere,
};

function declare(name: string, given: unknown, report: Report): DeclaredEvent {
  const say: Report = problem => report(`event ${name}: ${problem}`);
  const options = readOptions(given, say, ["args"]) as ServiceEventOptions;
  checkOptions(options, known, { owner: "an event" }, say);
  const { args, ...others } = Object.fromEntries(Object.entries(options).filter(([key]) => Object.hasOwn(known, key))) as ServiceEventOptions;
  return serviceEvent(name, args, others);
}
