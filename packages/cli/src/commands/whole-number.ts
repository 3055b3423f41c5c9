import { InvalidArgumentError } from "commander";

/** A parser of whole numbers for an option's value. The parser throws commander's InvalidArgumentError outside the bounds. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return text => {
    if (/^-?\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
  };
}
