import type { Interceptor } from "../actions/interceptor.ts";
import type { EnvironmentVariables } from "../configuration/environment.ts";
import type { AnyServiceDefinition } from "../definition/service-definition.ts";
import type { OpenDurable, StoreOption } from "../durable/durable-slot.ts";
import type { WorkerOptions } from "../durable/worker-options.ts";
import type { HealthContributor } from "../health/health-contributor.ts";
import type { Provider } from "../injection/provider.ts";
import type { Logger } from "../logging/logger.ts";
import type { Chance } from "../time/chance.ts";
import type { Clock } from "../time/clock.ts";
import type { Duration } from "../time/duration.ts";
import type { Ids } from "../time/ids.ts";
import type { HostKernel } from "./host-kernel.ts";
import type { HostWebOptions } from "./host-web.ts";

/** A service as given to a host: a class, decorated or not, or a definition. */
export type ServiceSource = (abstract new (...args: never[]) => object) | AnyServiceDefinition;

/** What a host is made of. Everything has a default. */
export interface SoraHostOptions {
  /** Services by class or definition. */
  readonly services?: readonly ServiceSource[];
  /** A folder, or several: every definition exported by its `*.service.ts` and `*.service.js` files is taken. */
  readonly discover?: URL | string | readonly (URL | string)[];
  /** Development, Testing, Production or your own. Default: `SORA_ENVIRONMENT`, else by `NODE_ENV`, else Development. */
  readonly environment?: string;
  /** An object in the shape of `appsettings.json`: the strongest layer of the configuration. */
  readonly configuration?: object;
  /** Where `appsettings.json` is looked for. Default: the working directory. */
  readonly contentRoot?: string | URL;
  /** Values, classes and factories for `inject`. */
  readonly provide?: readonly Provider[];
  /** Health contributors that are not services; services can name them in `dependsOn`. */
  readonly contributors?: readonly HealthContributor[];
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Where jitter comes from. Default: the engine's generator. */
  readonly chance?: Chance;
  /** Where correlation ids come from. Default: unique per process. */
  readonly ids?: Ids;
  /** Default: pino, as `Sora:Logging` says. `false` writes nothing. */
  readonly logger?: Logger | false;
  /** What stands around every call, run and event; the first is the outermost. */
  readonly intercept?: Interceptor | readonly Interceptor[];
  /** For all of a stop. Default 25 s. */
  readonly shutdownTimeout?: Duration;
  /** What the host does when a critical service has failed for good. Default `"report"`. */
  readonly onCriticalFailure?: "stop" | "report";
  /** Whether SIGTERM and SIGINT stop the host. Default false: a host inside another program takes none. */
  readonly signals?: boolean;
  /**
   * Where stored actions are kept: `createSqliteStore(…)`, `createPostgresStore(…)`. Default: what `Sora:Store:Url` names, else SQLite at `.sora/sora.db` under the content root,
   * opened when it is first needed; in Testing, memory. A function gets the configuration.
   */
  readonly store?: StoreOption;
  /** How stored actions are worked on here; `false` for a host that enqueues and never claims. Default true: as `Sora:Worker` says. */
  readonly worker?: boolean | WorkerOptions;
  /**
   * Serves the HTTP control plane of `@sora/web` with the host: `{ port: 4310 }`, or `true` for what the configuration says. It listens before the first service starts, so that readiness can
   * be asked, and until the last has stopped. Default: none.
   */
  readonly web?: boolean | HostWebOptions;
  /** Whether a call knows its surrounding call by itself. Default true; with false use `context.services(X)`, which is faster. */
  readonly ambientFlow?: boolean;
  /** Whether a change of the settings files takes effect while running. Default true. */
  readonly watchConfiguration?: boolean;
  /** The host's name, in status and logs. Default: the machine's name and the process id. */
  readonly name?: string;
}

/** Options with their defaults, and those only the testing kit sets. */
export interface ResolvedHostOptions {
  readonly name: string;
  readonly services: readonly ServiceSource[];
  readonly discover: readonly (URL | string)[];
  readonly environment: string | undefined;
  readonly configuration: object | undefined;
  readonly contentRoot: string | undefined;
  readonly provide: readonly Provider[];
  readonly contributors: readonly HealthContributor[];
  readonly clock: Clock;
  readonly chance: Chance;
  readonly ids: Ids;
  readonly logger: Logger | undefined;
  readonly intercept: readonly Interceptor[];
  readonly shutdownTimeout: number;
  readonly onCriticalFailure: "stop" | "report";
  readonly signals: boolean;
  readonly web: HostWebOptions | undefined;
  readonly store: StoreOption | undefined;
  readonly worker: WorkerOptions | false;
  readonly ambientFlow: boolean;
  readonly watchConfiguration: boolean;
  readonly env: EnvironmentVariables | undefined;
  readonly runsAll: boolean;
  readonly builtIns: boolean;
  readonly settingsFiles: boolean;
  readonly loopMonitor: boolean;
  readonly onKernel: ((kernel: HostKernel) => void) | undefined;
  readonly openDurable: OpenDurable | undefined;
}

/** Where the testing kit puts what no program sets: nothing that is written by name gets there. */
export const rig: unique symbol = Symbol("sora.rig");

/** Options as a host takes them from the testing kit. */
export interface RiggedHostOptions extends SoraHostOptions {
  readonly [rig]?: HostRig;
}

/** What only the testing kit sets. */
export interface HostRig {
  /** The variables of the environment; `process.env` by default. */
  readonly env?: EnvironmentVariables;
  /** Leaves `runIn…` aside. */
  readonly runsAll?: boolean;
  /** Whether the framework's own services are added. Default true. */
  readonly builtIns?: boolean;
  /** Whether `appsettings.json` is read. Default true. */
  readonly settingsFiles?: boolean;
  /** Whether blocks of the event loop are noticed, by a timer every 500 ms. Default true. */
  readonly loopMonitor?: boolean;
  /** Told of the kernel before anything runs. */
  readonly onKernel?: (kernel: HostKernel) => void;
  /** What opens the store, loaded already. Default: loaded when it is first needed. */
  readonly openDurable?: OpenDurable;
}
