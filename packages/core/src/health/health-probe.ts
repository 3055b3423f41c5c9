import { toError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { HealthReport } from "./health-report.ts";
import { isCritical, presentHealth } from "./service-health.ts";
import type { Clock, ClockTimer } from "../time/clock.ts";
import type { HealthSource } from "./health-source.ts";
import type { ServiceHealth } from "./service-health.ts";

export interface HealthProbeOptions {
  readonly clock: Clock;
  /** How long a check may take, in milliseconds. */
  readonly timeout: number;
  /** How long its result stands, in milliseconds. */
  readonly ttl: number;
  /** Told each result of a check. */
  readonly onResult: (health: ServiceHealth) => void;
}

/** A check that was begun and has not settled. */
interface Round {
  readonly source: HealthSource;
  readonly startedAt: number;
  readonly started: number;
  readonly controller: AbortController;
  readonly answer: Promise<ServiceHealth>;
  readonly resolve: (health: ServiceHealth) => void;
  /** Its time was over before it settled; everyone was told so, and is told so still. */
  overdue: boolean;
}

/**
 * Asks one source, however many want to know: one check at a time, its result shared and kept for a while. A check that
 * hangs counts as degraded, and no second one is begun before it has settled.
 */
export class HealthProbe {
  readonly #options: HealthProbeOptions;
  #round: Round | undefined = undefined;
  #timer: ClockTimer | undefined = undefined;
  #kept: ServiceHealth | undefined = undefined;
  #expiresAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: HealthProbeOptions) {
    this.#options = options;
  }

  /** Whether asking now would begin a check. */
  get expired(): boolean {
    return !this.#closed && this.#round === undefined && this.#options.clock.monotonic() >= this.#expiresAt;
  }

  /** What its check says: kept, under way, or begun here. `force` passes over what is kept. Never rejects. */
  read(source: HealthSource, force = false): ServiceHealth | Promise<ServiceHealth> {
    const { clock } = this.#options;
    if (this.#closed) return stopped(source, clock.now());
    if (this.#round !== undefined) return this.#round.answer;
    if (this.#kept !== undefined && !force && clock.monotonic() < this.#expiresAt) return this.#kept;
    return this.#begin(source);
  }

  /** Aborts a check that runs and answers whoever waits for it; none is begun any more. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    const round = this.#round;
    if (round === undefined) return;
    round.resolve(stopped(round.source, this.#options.clock.now()));
    round.controller.abort(new SoraError("SORA_ACTION_CANCELLED", `The health check of "${round.source.name}" was cancelled: the host is stopping.`));
  }

  #begin(source: HealthSource): Promise<ServiceHealth> {
    const { clock, timeout } = this.#options;
    const { promise: answer, resolve } = Promise.withResolvers<ServiceHealth>();
    const round: Round = { source, startedAt: clock.now(), started: clock.monotonic(), controller: new AbortController(), answer, resolve, overdue: false };
    this.#round = round;
    this.#timer = clock.setTimer(() => this.#runOut(round), timeout, true);
    void this.#ask(round);
    return answer;
  }

  async #ask(round: Round): Promise<void> {
    let health: ServiceHealth;
    try {
      const report: unknown = await round.source.check?.(round.controller.signal);
      health = this.#present(round, report);
    } catch (thrown) {
      health = this.#present(round, HealthReport.degraded("The health check failed.", toError(thrown)));
    }
    this.#timer?.cancel();
    this.#round = undefined;
    // Past its time the answer was given already; what comes this late may be stale, so whoever asks next begins anew.
    if (round.overdue) this.#expiresAt = Number.NEGATIVE_INFINITY;
    else if (!this.#closed) this.#settle(round, health);
  }

  #runOut(round: Round): void {
    const { timeout } = this.#options;
    const report = HealthReport.degraded(`The health check did not answer within ${timeout} ms; no other is begun before it settles.`);
    round.overdue = true;
    this.#settle(round, this.#present(round, report));
    round.controller.abort(new SoraError("SORA_ACTION_TIMEOUT", `The health check of "${round.source.name}" did not answer within ${timeout} ms.`));
  }

  #settle(round: Round, health: ServiceHealth): void {
    this.#kept = health;
    this.#expiresAt = this.#options.clock.monotonic() + this.#options.ttl;
    round.resolve(health);
    this.#options.onResult(health);
  }

  #present(round: Round, report: unknown): ServiceHealth {
    return presentHealth(round.source, report, round.startedAt, this.#options.clock.monotonic() - round.started);
  }
}

function stopped(source: HealthSource, now: number): ServiceHealth {
  const description = "The host stopped before its health check answered.";
  return Object.freeze({ name: source.name, status: "unknown", description, critical: isCritical(source), lastChecked: now, duration: 0 });
}
