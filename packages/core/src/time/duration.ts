import { SoraError } from "../errors/sora-error.ts";

type Unit = "ms" | "s" | "m" | "h" | "d";

/**
 * A span of time: milliseconds as a number, or a decimal number with a unit, such as `"250ms"`, `"1.5h"`, `"7d"`. One that is calculated is a number: `minutes * 60_000`.
 *
 * `bigint` stands for digits alone: as a template `number` has spaces around it too, so that `"5 s"` would compile.
 */
export type Duration = number | `${bigint}${Unit}` | `${bigint}.${number}${Unit}`;

const factors: Readonly<Record<Unit, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** A million days, in milliseconds: past all plans, and near enough that what is due then can still be written as a date. */
export const longestDuration = 86_400_000_000_000;

/** Milliseconds that `duration` says, bounds aside; NaN where it says none. */
export function millisecondsOf(duration: unknown): number {
  if (typeof duration === "number") return duration;
  const match = typeof duration === "string" ? pattern.exec(duration) : null;
  return match === null ? Number.NaN : Number(match[1]) * factors[match[2] as Unit];
}

/**
 * Milliseconds of `duration`, which is finite, not negative and at most a million days. `what` names the value in the error.
 *
 * @throws SoraError `SORA_DURATION_INVALID` for anything else.
 */
export function parseDuration(duration: Duration, what = "duration"): number {
  const milliseconds = millisecondsOf(duration);
  if (milliseconds >= 0 && milliseconds <= longestDuration) return milliseconds;
  const seen = typeof duration === "string" ? `"${duration as string}"` : String(duration);
  const why = Number.isFinite(milliseconds) && milliseconds > 0 ? "longer than 1,000,000 days" : "not a duration";
  throw new SoraError("SORA_DURATION_INVALID", `Cannot read the ${what}: ${seen} is ${why}.`, { details: { what, seen } });
}
