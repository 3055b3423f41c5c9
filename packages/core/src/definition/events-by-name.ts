import type { ServiceEvent } from "../events/service-event.ts";
import { readOptions } from "../options/read-options.ts";
import { validateEvent } from "./validate-definition.ts";
import type { Report } from "../options/option-check.ts";

/** The events of a definition or contract by their own names, whatever the keys they stand under. */
export function eventsByName(entries: unknown, report: Report): ReadonlyMap<string, ServiceEvent<unknown, unknown>> {
  const events = new Map<string, ServiceEvent<unknown, unknown>>();
  for (const event of Object.values(readOptions(entries, problem => report(`events: ${problem}`)))) {
    if (!validateEvent(event, report)) continue;
    const other = events.get(event.name);
    if (other !== undefined && other !== event) report(`event ${event.name} is declared twice; keep one`);
    else events.set(event.name, event);
  }
  return events;
}
