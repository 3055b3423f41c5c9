import type { QueueRate } from "./worker-turn.ts";

// How many tokens a rate's bucket holds, reckoned alike wherever it is kept.

/** A rounding error must not cost a whole token's time. */
const whole = 1 - 1e-9;

/** What the bucket holds by now, where it held so many `elapsed` milliseconds ago; a clock that was set back takes nothing. */
export function tokensAfter({ limit, per }: QueueRate, tokens: number, elapsed: number): number {
  return Math.min(limit, tokens + (Math.max(0, elapsed) * limit) / per);
}

export function hasToken(tokens: number): boolean {
  return tokens >= whole;
}

export function lessOneToken(tokens: number): number {
  return Math.max(0, tokens - 1);
}

/** Milliseconds until there is a token; 0 where there is one. */
export function untilToken({ limit, per }: QueueRate, tokens: number): number {
  return hasToken(tokens) ? 0 : ((1 - tokens) * per) / limit;
}
