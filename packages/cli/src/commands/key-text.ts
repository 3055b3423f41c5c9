import { InvalidArgumentError } from "commander";

/** A key as an option's value, which is left as it is. @throws InvalidArgumentError for one that no host takes. */
export function keyText(text: string): string {
  if (text !== "" && text.length <= 300 && text.isWellFormed()) return text;
  throw new InvalidArgumentError("It is 1 to 300 characters.");
}
