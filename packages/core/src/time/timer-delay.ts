import { SoraError } from "../errors/sora-error.ts";

/**
 * The delay a clock's timer keeps, in milliseconds: `delay` itself, or zero where it is negative.
 *
 * @throws SoraError `SORA_DURATION_INVALID` for NaN and the infinities, which no timer can keep.
 */
export function timerDelay(delay: number): number {
  if (Number.isFinite(delay)) return delay > 0 ? delay : 0;
  throw new SoraError("SORA_DURATION_INVALID", `Cannot arm a timer: a delay of ${String(delay)} ms is not a finite number.`, {
    details: { delay: String(delay) },
    fix: "Give a finite number of milliseconds; to wait for ever, wait for a signal instead.",
  });
}
