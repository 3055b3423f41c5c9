import { parseDuration } from "../time/duration.ts";
import type { RestartOptions } from "../definition/service-options.ts";

/** Restart options as numbers. Times in milliseconds. */
export interface RestartPolicy {
  readonly delay: number;
  readonly factor: number;
  readonly maxDelay: number;
  readonly jitter: "full" | "none";
  readonly budget: number;
  readonly window: number;
  readonly forgetAfter: number;
}

const defaults: RestartPolicy = { delay: 500, factor: 2, maxDelay: 30_000, jitter: "full", budget: 5, window: 60_000, forgetAfter: 60_000 };
const never: RestartPolicy = { ...defaults, budget: 0 };

/** The policy of a service's `restart` option. */
export function restartPolicy(options: RestartOptions | false | undefined): RestartPolicy {
  if (options === undefined) return defaults;
  if (options === false) return never;
  const time = (key: "delay" | "maxDelay" | "window" | "forgetAfter"): number =>
    options[key] === undefined ? defaults[key] : parseDuration(options[key], `restart.${key}`);
  return {
    delay: time("delay"),
    maxDelay: time("maxDelay"),
    window: time("window"),
    forgetAfter: time("forgetAfter"),
    factor: options.factor ?? defaults.factor,
    jitter: options.jitter ?? defaults.jitter,
    budget: options.budget ?? defaults.budget,
  };
}

/** What is remembered of a service's failures: when the budgeted restarts were, on the monotonic clock, and how many failures came in a row. */
export interface RestartHistory {
  readonly restarts: readonly number[];
  readonly streak: number;
}

export const noRestarts: RestartHistory = { restarts: [], streak: 0 };

/** One failure, as the decision needs it. Times on the monotonic clock. */
export interface Failure {
  readonly now: number;
  /** How long the service had worked before it failed. */
  readonly worked: number;
  /** Whether a dependency is away: such a failure spends no budget. */
  readonly dependency: boolean;
  /** In [0, 1). */
  readonly chance: number;
}

export type RestartDecision =
  | { readonly kind: "restart"; readonly delay: number; readonly attempt: number; readonly history: RestartHistory }
  | { readonly kind: "give up"; readonly history: RestartHistory };

/** Whether and when to start again after `failure`. */
export function decideRestart(policy: RestartPolicy, before: RestartHistory, failure: Failure): RestartDecision {
  const history = failure.worked >= policy.forgetAfter ? noRestarts : before;
  const recent = history.restarts.filter(at => failure.now - at < policy.window);
  const attempt = history.streak + 1;
  if (!failure.dependency && recent.length >= policy.budget) return { kind: "give up", history: { restarts: recent, streak: attempt } };
  const ceiling = Math.min(policy.maxDelay, policy.delay * policy.factor ** Math.min(history.streak, 64));
  const delay = policy.jitter === "full" ? ceiling * failure.chance : ceiling;
  return { kind: "restart", delay, attempt, history: { restarts: failure.dependency ? recent : [...recent, failure.now], streak: attempt } };
}
