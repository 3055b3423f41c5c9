import { SoraError } from "../errors/sora-error.ts";
import { shown } from "./shown.ts";

/** Refuses a value that a caller gave: `outcome` says what could not be done, `allowed` what can be given, `why` how it may have come to this. */
export function notAllowed(outcome: string, seen: unknown, allowed: string, why?: string): SoraError {
  const given = `${shown(seen)} was given${why === undefined ? "" : `: ${why}`}`;
  return new SoraError("SORA_OPTION_INVALID", `${outcome}: ${given}; ${allowed}.`, { details: { seen: shown(seen) } });
}
