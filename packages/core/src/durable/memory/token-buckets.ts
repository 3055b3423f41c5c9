import { hasToken, lessOneToken, tokensAfter, untilToken } from "../store/rate-tokens.ts";
import type { QueueRate } from "../store/worker-turn.ts";

interface Bucket {
  tokens: number;
  /** When it held so many, on the monotonic clock. */
  at: number;
}

/** What each named rate still allows. */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();

  /** Takes a token; false where there is none. */
  take(rate: QueueRate, now: number): boolean {
    const bucket = this.#filled(rate, now);
    if (!hasToken(bucket.tokens)) return false;
    bucket.tokens = lessOneToken(bucket.tokens);
    return true;
  }

  /** Milliseconds until there is a token again; 0 where there is one. */
  wait(rate: QueueRate, now: number): number {
    return untilToken(rate, this.#filled(rate, now).tokens);
  }

  #filled(rate: QueueRate, now: number): Bucket {
    let bucket = this.#buckets.get(rate.name);
    if (bucket === undefined) this.#buckets.set(rate.name, (bucket = { tokens: rate.limit, at: now }));
    bucket.tokens = tokensAfter(rate, bucket.tokens, now - bucket.at);
    bucket.at = now;
    return bucket;
  }
}
