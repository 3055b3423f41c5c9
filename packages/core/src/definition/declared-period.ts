import { parseDuration } from "../time/duration.ts";
import type { Duration } from "../time/duration.ts";

/** Milliseconds between runs as the definition says: `every`, else `intervalSeconds`, else 60 s. */
export function declaredPeriod(options: { readonly every?: Duration; readonly intervalSeconds?: number }): number {
  return options.every === undefined ? (options.intervalSeconds ?? 60) * 1_000 : parseDuration(options.every, "interval");
}
