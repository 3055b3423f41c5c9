import { hasToken, lessOneToken, tokensAfter, untilToken } from "../../store/rate-tokens.ts";
import type { QueueRate } from "../../store/worker-turn.ts";
import type { Session } from "./session.ts";

/** Milliseconds by which a rate may have been counted later than now, by another process or a request before this one; beyond it the clock has been set back, and what comes in is counted from now. */
const setBack = 1_000;

/** What the rates that a claim names still allow. Each is read when it is first asked for, and only those that gave something, or were counted by another clock, are written. */
export class RateLimits {
  readonly #session: Session;
  readonly #tokens = new Map<string, number>();
  readonly #changed = new Set<string>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Whether one more may be begun; so it is where there is no rate. */
  allow(rate: QueueRate | undefined): boolean {
    return rate === undefined || hasToken(this.#of(rate));
  }

  take(rate: QueueRate | undefined): void {
    if (rate === undefined) return;
    this.#tokens.set(rate.name, lessOneToken(this.#of(rate)));
    this.#changed.add(rate.name);
  }

  /** Milliseconds until one more may be begun; 0 where it may now. */
  wait(rate: QueueRate): number {
    return untilToken(rate, this.#of(rate));
  }

  save(): void {
    const { sql, now } = this.#session;
    for (const name of this.#changed) {
      sql.run(
        "INSERT INTO sora_rates (name, tokens, at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET tokens = excluded.tokens, at = excluded.at",
        name,
        this.#tokens.get(name) as number,
        now,
      );
    }
  }

  #of(rate: QueueRate): number {
    const known = this.#tokens.get(rate.name);
    if (known !== undefined) return known;
    const { sql, now } = this.#session;
    const [before, at] = sql.get<[number, number]>("SELECT tokens, at FROM sora_rates WHERE name = ?", rate.name) ?? [rate.limit, now];
    if (at > now + setBack) this.#changed.add(rate.name);
    const tokens = tokensAfter(rate, before, now - at);
    this.#tokens.set(rate.name, tokens);
    return tokens;
  }
}
