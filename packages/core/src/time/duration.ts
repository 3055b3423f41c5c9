import { SoraError } from "../errors/sora-error.ts";

type Unit = "ms" | "s" | "m" | "h" | "d";

/** A span of time: milliseconds as a number, or a decimal number with a unit, such as `"250ms"`, `"1.5h"`, `"7d"`. */
export type Duration = number | `${number}${Unit}`;

const factors: Readonly<Record<Unit, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/**
 * Milliseconds of `duration`, which is finite and not negative. `what` names the value in the error.
 *
 * @throws SoraError `SORA_DURATION_INVALID` for anything else.
 */
export function parseDuration(duration: Duration, what = "duration"): number {
  if (typeof duration === "number") {
    if (Number.isFinite(duration) && duration >= 0) return duration;
  } else if (typeof duration === "string") {
    const match = pattern.exec(duration);
    const milliseconds = match === null ? Number.NaN : Number(match[1]) * factors[match[2] as Unit];
    if (Number.isFinite(milliseconds)) return milliseconds;
  }
  const seen = typeof duration === "string" ? `"${duration as string}"` : String(duration);
  throw new SoraError("SORA_DURATION_INVALID", `Cannot read the ${what}: ${seen} is not a duration.`, { details: { what, seen } });
}
