const steps = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "m"],
  [1_000, "s"],
] as const;

/** A length of time in its largest whole unit, as people say it: `3s`, `12m`, `2h`, `5d`. */
export function age(milliseconds: number): string {
  for (const [size, unit] of steps) if (milliseconds >= size) return `${Math.floor(milliseconds / size)}${unit}`;
  return "0s";
}

/** How long ago, or how far ahead, a moment is: `3s ago`, `in 12s`, `now`. */
export function fromNow(moment: number, now: number): string {
  const away = moment - now;
  if (Math.abs(away) < 1_000) return "now";
  return away > 0 ? `in ${age(away)}` : `${age(-away)} ago`;
}

/** A length of work, exact enough to compare: `0.4 ms`, `12 ms`, `3.4 s`, `2 m 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} m ${Math.floor((milliseconds % 60_000) / 1_000)} s`;
}
