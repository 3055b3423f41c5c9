import { SoraError } from "../errors/sora-error.ts";
import { orAborted } from "../time/or-aborted.ts";
import { dependencyNames } from "./dependency-names.ts";
import { derivedHealth } from "./service-health-source.ts";
import type { HealthAggregator } from "../health/health-aggregator.ts";
import type { HealthReport } from "../health/health-report.ts";
import type { HealthSource } from "../health/health-source.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { ServiceRegistry } from "./service-registry.ts";

/** What a service that has failed waits for: the services and contributors that it depends on, by how their checks ended last. */
export class DependencyGate {
  readonly #registry: ServiceRegistry;
  readonly #aggregator: HealthAggregator;
  /** Names of checks that failed when they were last made. */
  readonly #failing = new Set<string>();

  constructor(registry: ServiceRegistry, aggregator: HealthAggregator) {
    this.#registry = registry;
    this.#aggregator = aggregator;
  }

  /** Names of the checks that a service waits for before it is started again: those in its `dependsOn`, and the one that `error` says is away. */
  of(service: ServiceRuntime, error: unknown): string[] {
    const away = SoraError.is(error, "SORA_DEPENDENCY_UNAVAILABLE") ? [String(error.details["dependency"])] : [];
    const names = [...dependencyNames(service), ...away];
    if (names.length === 0) return names;
    const checked = new Set(this.#aggregator.checked());
    return [...new Set(names)].filter(name => checked.has(name) && name !== service.name);
  }

  /** Makes these checks now; resolves when they have answered, or when `signal` aborts. */
  probe(names: readonly string[], signal: AbortSignal): Promise<void> {
    return orAborted(this.#aggregator.probe(names, { force: true }), signal);
  }

  /** Those of `names` that failed when they were last asked: unhealthy, thrown, or not answered in time; of services that are not asked, those that have failed. */
  failing(names: readonly string[]): string[] {
    return names.filter(name => {
      const status = this.#derived(name)?.status;
      return status === "unhealthy" || (status !== "healthy" && this.#failing.has(name)); // one that has ended well, or is disabled, holds nobody up
    });
  }

  #derived(name: string): HealthReport | undefined {
    return this.#registry.has(name) ? derivedHealth(this.#registry.find(name)) : undefined;
  }

  /** The same source, whose failures are kept track of: a check that says it is degraded works, one that throws does not. */
  watched(source: HealthSource): HealthSource {
    const check = source.check?.bind(source);
    if (check === undefined) return source;
    const failing = this.#failing;
    const { name } = source;
    const watched = async (signal: AbortSignal): Promise<HealthReport> => {
      const overdue = (): void => void failing.add(name);
      signal.addEventListener("abort", overdue, { once: true });
      try {
        const report = await check(signal);
        if (report?.status === "unhealthy") failing.add(name);
        else failing.delete(name);
        return report;
      } catch (error) {
        failing.add(name);
        throw error;
      } finally {
        signal.removeEventListener("abort", overdue);
      }
    };
    return {
      name,
      get critical() {
        return source.critical;
      },
      derive: () => source.derive?.(),
      check: watched,
    };
  }
}
