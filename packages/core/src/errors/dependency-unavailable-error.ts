import { SoraError } from "./sora-error.ts";

/**
 * Thrown by a service whose dependency is away: the service is restarted once the dependency is there again, with the usual backoff, and its
 * restart budget is not spent.
 */
export class DependencyUnavailableError extends SoraError {
  /** The dependency: the name of a health contributor, where one watches it. */
  readonly dependency: string;

  constructor(dependency: string, cause?: unknown) {
    super("SORA_DEPENDENCY_UNAVAILABLE", `${dependency} is unavailable.`, { details: { dependency }, ...(cause === undefined ? undefined : { cause }) });
    this.dependency = dependency;
  }
}

Object.defineProperty(DependencyUnavailableError.prototype, "name", { value: "DependencyUnavailableError", writable: true, configurable: true });
