import { notAllowed } from "../options/not-allowed.ts";
import type { SoraError } from "../errors/sora-error.ts";

/** @throws SoraError `SORA_OPTION_INVALID` for what is no string. */
export function checkedId(id: string, of: string): string {
  if (typeof id === "string") return id;
  throw notAllowed(`Cannot tell which ${of} is meant`, id, "its id is a string");
}

/** For an id that is to be looked for. One with U+0000, which PostgreSQL cannot hold, is nowhere: it is refused as `unknown` says. */
export function assertFindable(id: string, of: string, unknown: (id: string) => SoraError): void {
  if (checkedId(id, of).includes("\u0000")) throw unknown(id);
}
