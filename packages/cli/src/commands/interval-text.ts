import { InvalidArgumentError } from "commander";

const factors: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A parser of intervals such as `10m`, or milliseconds, for an option's value, which it leaves as it is. It knows them by itself, as the core does, which no command loads. The parser throws
 * commander's InvalidArgumentError outside the bounds.
 */
export function intervalText(least: string, most: string): (text: string) => string {
  return text => {
    const milliseconds = millisecondsOf(text);
    if (milliseconds >= millisecondsOf(least) && milliseconds <= millisecondsOf(most)) return text;
    throw new InvalidArgumentError(`It is an interval such as 90s, 10m, 1.5h or 7d, or milliseconds, from ${least} to ${most}.`);
  };
}

/** NaN of what says none. */
function millisecondsOf(text: string): number {
  const [, number, unit = "ms"] = /^(\d{1,15})$/.exec(text) ?? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  return Number(number) * (factors[unit] ?? Number.NaN);
}
