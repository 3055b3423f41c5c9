import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Duration } from "../time/duration.ts";

/** `singleton`: one instance as long as the host. `scoped`: one per action, command or run. `transient`: one per resolution. */
export type ServiceLifetime = "singleton" | "scoped" | "transient";

/** What happens to a tick that falls due while the run before it is still going. */
export type OverlapPolicy = "skip" | "queue" | "allow";

/** What happens to ticks that passed while nothing could run: forgotten, made up for by one run, or by all of them up to a bound. */
export type MisfireOption = "skip" | "once" | "all" | { readonly all: number };

/** What is to stand before a service starts: a service (by class, definition or name) or a health contributor (by name). */
export type ServiceDependency = string | { readonly name: string };

/**
 * When a background service whose `execute` throws is started again. By default first after 500 ms, doubling to at most
 * 30 s, each delay drawn between 0 and that (full jitter), at most 5 restarts in a minute; 60 s of work forget the past.
 * `false` never restarts.
 */
export interface RestartOptions {
  /** Delay before the first restart. Default `"500ms"`. */
  readonly delay?: Duration;
  /** What each next delay is multiplied by. Default 2. */
  readonly factor?: number;
  /** Longest delay. Default `"30s"`. */
  readonly maxDelay?: Duration;
  /** `"full"` draws each delay from [0, delay); `"none"` takes it as it is. Default `"full"`. */
  readonly jitter?: "full" | "none";
  /** Restarts allowed within `window`; one more and the service is `failed`. Default 5. */
  readonly budget?: number;
  /** The span in which `budget` restarts are allowed; each moment looks back by it. Default `"1m"`. */
  readonly window?: Duration;
  /** Time of work after which earlier failures are forgotten. Default `"60s"`. */
  readonly forgetAfter?: Duration;
}

/** Options of every service, whichever way it is defined. Defaults are the reference's. */
export interface SoraBackgroundServiceOptions<Settings extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined> {
  /** Default: the class's name. ASCII letters, digits, `-`, `_`, at most 64. */
  readonly name?: string;
  readonly description?: string;
  /** Default true. Configuration may turn it off, or on again. */
  readonly enabled?: boolean;
  /** Where this service's configuration is read. Default `Sora:BackgroundServices:Services:{name}`. */
  readonly configurationSection?: string;
  /** Default `"singleton"`. */
  readonly lifetime?: ServiceLifetime;
  /** Higher starts earlier among services without a startup order. Default 100. */
  readonly priority?: number;
  /** Default true. */
  readonly runInDevelopment?: boolean;
  /** Default true. */
  readonly runInProduction?: boolean;
  /** Default false. `createTestHost` runs what it is given all the same. */
  readonly runInTesting?: boolean;
  /** Calls of all actions together that run at once; more wait by priority. Default: no limit. */
  readonly concurrency?: number;
  /** Time limit of each call that brings none of its own. Default: none. */
  readonly timeout?: Duration;
  /** When `execute` is started again after it threw; `false` makes the first failure the last. Default: {@link RestartOptions}, at most 5 restarts in a minute. */
  readonly restart?: RestartOptions | false;
  /** Whether its failure makes the host unready. Default false. */
  readonly isCritical?: boolean;
  /** Services that start before this one; health contributors that must be healthy before a restart. */
  readonly dependsOn?: ServiceDependency | readonly ServiceDependency[];
  /** Checks the service's `Settings` section and types `settings`. */
  readonly settings?: Settings;
  /** Time without progress after which a loop or run counts as stalled. Default: derived from its period. */
  readonly stalledAfter?: Duration;
  /**
   * Whether `execute`, or the ticks, run on one host at a time of all that share a store; another takes over when that one stops or is lost. Its own actions run on any host. A write that must not come too
   * late carries `context.fence`. Default false.
   */
  readonly singleton?: boolean;
  /** True on a class that only serves as a base of others: it is not registered, and what extends it inherits its options, actions and events, but not this. Default false. */
  readonly abstract?: boolean;
}

/** When a service runs again: an interval, in one of two ways, or a cron expression. */
interface PlanOptions {
  /** Seconds between runs. Default 60. */
  readonly intervalSeconds?: number;
  /** The same as a duration, for intervals that are not whole seconds. */
  readonly every?: Duration;
  /** Five fields, or six with seconds first. */
  readonly cron?: string;
  /** IANA name; cron only. Default UTC. */
  readonly timeZone?: string;
}

type Only<K extends keyof PlanOptions> = Pick<PlanOptions, K> & { readonly [Other in Exclude<keyof PlanOptions, K>]?: undefined };

/** One plan, and nothing of the others beside it. */
type OnePlan = Only<"intervalSeconds"> | Only<"every"> | (Only<"cron" | "timeZone"> & { readonly cron: string });

/** What a service that runs again and again has beside its plan. */
interface RunOptions {
  /** Seconds before the first period begins. Default 0. */
  readonly initialDelaySeconds?: number;
  /** Whether the first run is at the end of the initial delay, not a period later. Default false. */
  readonly runOnStartup?: boolean;
  /** Each run is put off by a random share of this, without moving the plan; at most the interval. Default none. */
  readonly jitter?: Duration;
  /** Default `"skip"`. */
  readonly overlap?: OverlapPolicy;
  /** Default `"skip"`. */
  readonly misfire?: MisfireOption;
}

/** Options of a service that runs again and again. Give one of `intervalSeconds`, `every` and `cron`; two do not compile. */
export type SoraPeriodicServiceOptions<Settings extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined> = SoraBackgroundServiceOptions<Settings> &
  RunOptions &
  OnePlan;

/** Options of a service that runs to its end before the others start. */
export interface SoraStartupServiceOptions<
  Settings extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined,
> extends SoraBackgroundServiceOptions<Settings> {
  /** Ascending. Default 100. */
  readonly startupOrder?: number;
  /** Whether the host goes on when this service fails. Default false. */
  readonly continueOnFailure?: boolean;
  /** Default 30. */
  readonly timeoutSeconds?: number;
}

/** Every option a definition can carry, before defaults and whatever it says: `validateOptions` tells what does not go together. */
export type ServiceOptions<Settings extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined> = RunOptions &
  PlanOptions &
  SoraStartupServiceOptions<Settings>;
