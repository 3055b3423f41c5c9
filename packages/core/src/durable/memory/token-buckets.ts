import type { QueueClaim } from "../store/worker-turn.ts";

type Rate = NonNullable<QueueClaim["rate"]>;

interface Bucket {
  tokens: number;
  /** When it held so many, on the monotonic clock. */
  at: number;
}

/** A rounding error must not cost a whole token's time. */
const whole = 1 - 1e-9;

/** What each named rate still allows. */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();

  /** Takes a token; false where there is none. */
  take(rate: Rate, now: number): boolean {
    const bucket = this.#filled(rate, now);
    if (bucket.tokens < whole) return false;
    bucket.tokens = Math.max(0, bucket.tokens - 1);
    return true;
  }

  /** Milliseconds until there is a token again; 0 where there is one. */
  wait(rate: Rate, now: number): number {
    const { tokens } = this.#filled(rate, now);
    return tokens >= whole ? 0 : ((1 - tokens) * rate.per) / rate.limit;
  }

  #filled(rate: Rate, now: number): Bucket {
    let bucket = this.#buckets.get(rate.name);
    if (bucket === undefined) this.#buckets.set(rate.name, (bucket = { tokens: rate.limit, at: now }));
    const gained = (Math.max(0, now - bucket.at) * rate.limit) / rate.per;
    bucket.tokens = Math.min(rate.limit, bucket.tokens + gained);
    bucket.at = now;
    return bucket;
  }
}
