import { SoraError } from "../../errors/sora-error.ts";
import { formatDuration } from "../../time/format-duration.ts";
import type { Duration } from "../../time/duration.ts";
import { parseDuration } from "../../time/duration.ts";

const usual = 15_000;
const shortest = 100;
const longest = 3_600_000;

/**
 * The lease that a store gives its workers, in milliseconds; 15 s by default. A shorter one finds a lost worker sooner, and takes a busy one for lost more easily.
 *
 * @throws SoraError `SORA_DURATION_INVALID`, or `SORA_OPTION_INVALID` below 100 ms or above an hour.
 */
export function checkedLease(lease: Duration = usual): number {
  const milliseconds = parseDuration(lease, "lease");
  if (milliseconds >= shortest && milliseconds <= longest) return milliseconds;
  throw new SoraError("SORA_OPTION_INVALID", `Cannot use a lease of ${formatDuration(milliseconds)}: it is from 100 ms to one hour.`, {
    details: { lease: milliseconds },
  });
}
