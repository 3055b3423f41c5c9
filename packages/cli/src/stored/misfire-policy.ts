import { InvalidArgumentError } from "commander";

/** A misfire policy as an option's value, which is left as it is. @throws InvalidArgumentError for what is none. */
export function misfirePolicy(text: string): string {
  if (text === "skip" || text === "once" || (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 1_000)) return text;
  throw new InvalidArgumentError("It is skip, once, or a whole number from 1 to 1000.");
}
