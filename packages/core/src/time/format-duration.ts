const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** Milliseconds in words people use: `1h 30m`, `45s`, `2.5ms`. Finite and not negative. */
export function formatDuration(milliseconds: number): string {
  const parts: string[] = [];
  let rest = milliseconds;
  for (const [unit, size] of units) {
    const whole = Math.floor(rest / size);
    if (whole > 0) parts.push(`${whole}${unit}`);
    rest -= whole * size;
  }
  const fraction = Math.round(rest * 1_000) / 1_000;
  if (fraction > 0 || parts.length === 0) parts.push(`${fraction}ms`);
  return parts.join(" ");
}
