import { parseDuration } from "../time/duration.ts";
import { orAborted } from "../time/or-aborted.ts";
import type { ProbeBroadcastEventArgs, ProbeScheduledEventArgs } from "../events/service-events.ts";
import type { Clock } from "../time/clock.ts";
import type { Duration } from "../time/duration.ts";
import type { HealthAggregator } from "./health-aggregator.ts";

export interface ProbeSchedulerSettings {
  /** Where false, {@link ProbeScheduler.run} returns at once. Default true. */
  readonly enabled?: boolean | undefined;
  /** Checks that fall due inside one such window are made together at its end. Default 10 s, at least 1 s. */
  readonly quantizationWindow?: Duration | undefined;
}

export interface ProbeSchedulerOptions {
  readonly aggregator: Pick<HealthAggregator, "checked" | "due" | "probe">;
  readonly clock: Clock;
  readonly options?: ProbeSchedulerSettings | undefined;
  /** Told before probes are made, of which; waited for. */
  readonly onScheduled: (args: ProbeScheduledEventArgs) => unknown;
  /** Told when forced probes have answered; waited for. */
  readonly onBroadcast: (args: ProbeBroadcastEventArgs) => unknown;
}

const shortestWindow = 1_000;

/** Keeps the results of health checks fresh, so that failures are noticed while nobody asks. */
export class ProbeScheduler {
  readonly #options: ProbeSchedulerOptions;
  readonly #enabled: boolean;
  readonly #window: number;

  /** @throws SoraError `SORA_DURATION_INVALID` for a window that is no duration. */
  constructor(options: ProbeSchedulerOptions) {
    this.#options = options;
    this.#enabled = options.options?.enabled ?? true;
    this.#window = Math.max(shortestWindow, parseDuration(options.options?.quantizationWindow ?? "10s", "quantization window"));
  }

  /** Steps at the end of every window until `signal` aborts; windows begin at multiples of their length on the monotonic clock. */
  async run(signal: AbortSignal): Promise<void> {
    if (!this.#enabled) return;
    const { clock } = this.#options;
    try {
      while (!signal.aborted) {
        await clock.sleep(this.#window - (clock.monotonic() % this.#window), signal);
        await this.tick(signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** One step: makes the checks whose last result has expired, together, and resolves when they have answered, or when `signal` aborts. */
  async tick(signal: AbortSignal): Promise<void> {
    await this.#probe(this.#options.aggregator.due(), false, signal);
  }

  /** Makes every check now, even where the last result still stands; one that is under way counts. */
  async forceProbe(signal: AbortSignal): Promise<ProbeBroadcastEventArgs> {
    await this.#probe(this.#options.aggregator.checked(), true, signal);
    signal.throwIfAborted();
    const args: ProbeBroadcastEventArgs = { forced: true, timestamp: this.#options.clock.now() };
    await this.#options.onBroadcast(args);
    return args;
  }

  async #probe(services: readonly string[], force: boolean, signal: AbortSignal): Promise<void> {
    const { aggregator, clock, onScheduled } = this.#options;
    if (signal.aborted || (services.length === 0 && !force)) return;
    await onScheduled({ timestamp: clock.now(), services });
    await orAborted(aggregator.probe(services, { force }), signal);
  }
}
