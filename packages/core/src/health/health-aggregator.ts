import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { parseDuration } from "../time/duration.ts";
import { aggregateHealth } from "./aggregate-health.ts";
import { HealthProbe } from "./health-probe.ts";
import { knownHealth } from "./service-health.ts";
import type { Logger } from "../logging/logger.ts";
import type { Clock } from "../time/clock.ts";
import type { Duration } from "../time/duration.ts";
import type { AggregateHealth } from "./aggregate-health.ts";
import type { HealthProbeOptions } from "./health-probe.ts";
import type { HealthSource } from "./health-source.ts";
import type { HealthStatus } from "./health-report.ts";
import type { ServiceHealth } from "./service-health.ts";

export interface HealthAggregatorOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long one check may take before it counts as degraded. Default 5 s. */
  readonly timeout?: Duration | undefined;
  /** How long the result of a check stands. Default 1 s. */
  readonly ttl?: Duration | undefined;
}

/** Told that a check found another status than the one before it. */
export type HealthListener = (health: ServiceHealth, previous: HealthStatus) => void;

interface LazySources {
  readonly all: () => Iterable<HealthSource>;
  readonly find: ((name: string) => HealthSource | undefined) | undefined;
}

/**
 * Knows everyone whose health counts, and asks them only when somebody wants to know: one check at a time for each
 * source, shared by all who ask, bounded in time, its result kept for a moment. What can be derived is never asked for.
 */
export class HealthAggregator {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #probeOptions: HealthProbeOptions;
  readonly #sources = new Map<string, HealthSource>();
  readonly #lazy = new Set<LazySources>();
  readonly #probes = new Map<string, HealthProbe>();
  readonly #statuses = new Map<string, HealthStatus>();
  readonly #listeners = new Set<HealthListener>();
  #closed = false;

  constructor({ clock, logger, timeout = "5s", ttl = "1s" }: HealthAggregatorOptions) {
    this.#clock = clock;
    this.#logger = logger;
    this.#probeOptions = {
      clock,
      timeout: parseDuration(timeout, "health check timeout"),
      ttl: parseDuration(ttl, "time to live of a health check's result"),
      onResult: health => this.#note(health),
    };
  }

  /**
   * Adds a source, until what is returned is disposed of.
   *
   * @throws SoraError `SORA_OPTION_INVALID` where one of this name is registered.
   */
  register(source: HealthSource): Disposable {
    const { name } = source;
    this.assertFree(name);
    this.#sources.set(name, source);
    return {
      [Symbol.dispose]: () => {
        if (this.#sources.get(name) !== source) return;
        this.#sources.delete(name);
        this.#probes.get(name)?.close();
        this.#probes.delete(name);
        this.#statuses.delete(name);
      },
    };
  }

  /** @throws SoraError `SORA_OPTION_INVALID` where a source of this name is registered. */
  assertFree(name: string): void {
    if (this.#sources.has(name)) throw nameTaken(name);
  }

  /**
   * Adds sources that are looked up only when somebody asks, so that any number of them costs nothing until then; the
   * probe scheduler leaves them alone. `find` spares `check(name)` from going through all of them. A registered source of
   * the same name comes first.
   */
  registerLazy(all: () => Iterable<HealthSource>, find?: (name: string) => HealthSource | undefined): Disposable {
    const sources: LazySources = { all, find };
    this.#lazy.add(sources);
    return { [Symbol.dispose]: () => void this.#lazy.delete(sources) };
  }

  /**
   * The health of one source.
   *
   * @throws SoraError `SORA_SERVICE_UNKNOWN` where there is none of this name.
   */
  async check(name: string): Promise<ServiceHealth> {
    const source = this.#find(name);
    if (source === undefined)
      throw new SoraError("SORA_SERVICE_UNKNOWN", `Cannot tell the health of "${name}": nothing of this name is registered.`, { details: { name } });
    return this.#read(source, false);
  }

  /** The health of all, asked at the same time. It takes as long as the slowest check, and so no longer than their time limit. */
  async report(): Promise<AggregateHealth> {
    return aggregateHealth(await this.#readAll(this.#all(), false));
  }

  /** Asks the named sources, or all registered ones that have a check, and keeps the results. With `force`, even where the last result still stands. */
  async probe(names: Iterable<string> = this.checked(), { force = false }: { readonly force?: boolean } = {}): Promise<void> {
    const sources = [...names].map(name => this.#find(name)).filter(source => source !== undefined);
    await this.#readAll(sources, force);
  }

  /** The registered sources whose check would be made if they were asked now. */
  due(): string[] {
    const now = this.#clock.now();
    return this.checked().filter(name => {
      const source = this.#sources.get(name);
      return source !== undefined && knownHealth(source, now) === undefined && this.#probe(name).expired;
    });
  }

  /** What the last check of a source found, without asking again; `undefined` before the first. */
  lastStatus(name: string): HealthStatus | undefined {
    return this.#statuses.get(name);
  }

  /** The registered sources that have a check. */
  checked(): string[] {
    const names: string[] = [];
    for (const [name, source] of this.#sources) if (source.check !== undefined) names.push(name);
    return names;
  }

  /** Calls `listener` whenever a check finds another status than the check before it. What it throws is logged. */
  onChange(listener: HealthListener): Disposable {
    const own: HealthListener = (health, previous) => listener(health, previous); // so that a listener given twice is two
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  /** Aborts the checks that run and answers whoever waits; no check is made any more, and no timer is left. */
  dispose(): void {
    this.#closed = true;
    for (const probe of this.#probes.values()) probe.close();
  }

  *#all(): Generator<HealthSource> {
    yield* this.#sources.values();
    for (const { all } of this.#lazy) {
      for (const source of all()) if (!this.#sources.has(source.name)) yield source;
    }
  }

  #find(name: string): HealthSource | undefined {
    const registered = this.#sources.get(name);
    if (registered !== undefined) return registered;
    for (const { all, find } of this.#lazy) {
      const source = find === undefined ? first(all(), name) : find(name);
      if (source !== undefined) return source;
    }
    return undefined;
  }

  /** In the order of `sources`; promises are made only for those that are really asked. */
  async #readAll(sources: Iterable<HealthSource>, force: boolean): Promise<ServiceHealth[]> {
    const entries: ServiceHealth[] = [];
    const waits: Promise<void>[] = [];
    for (const source of sources) {
      const index = entries.length;
      const read = this.#read(source, force);
      if (read instanceof Promise) {
        entries.length++; // its place
        waits.push(read.then(health => void (entries[index] = health)));
      } else {
        entries.push(read);
      }
    }
    await Promise.all(waits);
    return entries;
  }

  #read(source: HealthSource, force: boolean): ServiceHealth | Promise<ServiceHealth> {
    return knownHealth(source, this.#clock.now()) ?? this.#probe(source.name).read(source, force);
  }

  #probe(name: string): HealthProbe {
    let probe = this.#probes.get(name);
    if (probe === undefined) {
      probe = new HealthProbe(this.#probeOptions);
      if (this.#closed) probe.close();
      this.#probes.set(name, probe);
    }
    return probe;
  }

  #note(health: ServiceHealth): void {
    const { name, status, description } = health;
    const previous = this.#statuses.get(name) ?? "unknown";
    this.#statuses.set(name, status);
    if (previous === status) return;
    const fields = { service: name, status, previous, ...health.data };
    if (status === "healthy") {
      if (previous !== "unknown") this.#logger.info(`${name} is healthy again.`, fields);
    } else {
      this.#logger.warn(`${name} is ${status}: ${description}`, fields);
    }
    for (const listener of this.#listeners) {
      try {
        listener(health, previous);
      } catch (thrown) {
        this.#logger.error(`A listener to health changes failed at ${name}: ${describeError(thrown)}`, { service: name });
      }
    }
  }
}

function first(sources: Iterable<HealthSource>, name: string): HealthSource | undefined {
  for (const source of sources) if (source.name === name) return source;
  return undefined;
}

/** The names of services and contributors are one: health is asked for by them, and `dependsOn` means either. */
export function nameTaken(name: string): SoraError {
  return new SoraError("SORA_OPTION_INVALID", `Cannot register "${name}" for health: a source of this name is registered already.`, {
    details: { name },
    fix: "Give every service and health contributor of a host its own name.",
  });
}
