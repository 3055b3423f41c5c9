import { oneLine } from "./printable.ts";
import { statePaint } from "./state-paint.ts";
import type { Paint } from "./paint.ts";

/** Something that happened, in a line: when, where, what, and its arguments as JSON. `room` is how wide the names of services are to be. */
export function eventLine(type: string, data: Readonly<Record<string, unknown>>, paint: Paint, room = 0): string {
  const { service, event, at, args, before, state, reason } = data;
  const when = paint("dim", typeof at === "number" ? timeOfDay(at) : "            ");
  const where = paint("cyan", named(service).padEnd(room));
  if (type === "event") return `${when}  ${where}  ${paint("bold", named(event))}${args === undefined ? "" : `  ${oneLine(JSON.stringify(args))}`}`;
  if (type === "state") {
    const why = typeof reason === "string" ? paint("dim", `  ${oneLine(reason)}`) : "";
    return `${when}  ${where}  ${paint("dim", named(before))} → ${statePaint(named(state), paint)}${why}`;
  }
  if (type === "gap") return paint("yellow", "… events before this one are no longer kept");
  return `${when}  ${oneLine(type)}  ${oneLine(JSON.stringify(data))}`;
}

function named(value: unknown): string {
  return typeof value === "string" ? oneLine(value) : "";
}

function timeOfDay(at: number): string {
  const date = new Date(at);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
