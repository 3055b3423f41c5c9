import type { LogFields } from "./logger.ts";

/**
 * Marks fields that their maker vouches for: short texts, numbers, booleans and `undefined`, and no secret among them. A sink of ours writes them as they are; looking through
 * the fields of a line for secrets and oddities costs more than writing it. Other loggers see ordinary fields.
 */
export const vetted: unique symbol = Symbol.for("sora.vetted-fields") as never;

/** Whether the maker of `fields` vouches for them. Never throws. */
export function isVetted(fields: unknown): fields is LogFields {
  try {
    return typeof fields === "object" && fields !== null && (fields as Record<symbol, unknown>)[vetted] === true;
  } catch {
    return false; // a Proxy whose traps throw
  }
}
