import type { QueueClaim } from "../../store/worker-turn.ts";
import type { Session } from "./session.ts";

type Rate = NonNullable<QueueClaim["rate"]>;

/** A rounding error must not cost a whole token's time. */
const whole = 1 - 1e-9;

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
  allow(rate: Rate | undefined): boolean {
    return rate === undefined || this.#of(rate) >= whole;
  }

  take(rate: Rate | undefined): void {
    if (rate === undefined) return;
    this.#tokens.set(rate.name, Math.max(0, this.#of(rate) - 1));
    this.#changed.add(rate.name);
  }

  /** Milliseconds until one more may be begun; 0 where it may now. */
  wait(rate: Rate): number {
    const tokens = this.#of(rate);
    return tokens >= whole ? 0 : ((1 - tokens) * rate.per) / rate.limit;
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

  #of(rate: Rate): number {
    const known = this.#tokens.get(rate.name);
    if (known !== undefined) return known;
    const { sql, now } = this.#session;
    const [before, at] = sql.get<[number, number]>("SELECT tokens, at FROM sora_rates WHERE name = ?", rate.name) ?? [rate.limit, now];
    if (at > now + setBack) this.#changed.add(rate.name);
    const tokens = Math.min(rate.limit, before + (Math.max(0, now - at) * rate.limit) / rate.per);
    this.#tokens.set(rate.name, tokens);
    return tokens;
  }
}
