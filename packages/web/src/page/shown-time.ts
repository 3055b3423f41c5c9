import { html } from "./html.ts";
import type { Html } from "./html.ts";

const units = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
] as const;

/** A moment as people read it beside now: `in 5 min`, `2 h 10 min ago`; the exact one is in the element. */
export function shownTime(at: number, now: number): Html {
  const iso = new Date(at).toISOString();
  const between = Math.abs(at - now);
  const words = between < 1_000 ? "now" : at > now ? `in ${span(between)}` : `${span(between)} ago`;
  return html`<time datetime="${iso}" title="${iso.slice(0, 19).replace("T", " ")} UTC">${words}</time>`;
}

/** A length of time in its two greatest units, the second left out where it is nothing; from a second on. */
export function span(milliseconds: number): string {
  const first = units.findIndex(([size]) => milliseconds >= size);
  const [size, name] = units[first] as (typeof units)[number];
  const second = units[first + 1];
  const rest = second === undefined ? 0 : Math.floor((milliseconds % size) / second[0]);
  return `${Math.floor(milliseconds / size)} ${name}${second === undefined || rest === 0 ? "" : ` ${rest} ${second[1]}`}`;
}
