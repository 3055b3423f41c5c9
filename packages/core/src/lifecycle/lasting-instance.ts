import { disposeValue } from "../injection/dispose-value.ts";
import { createInstance } from "./service-instance.ts";
import { endScope } from "./work-instance.ts";
import type { CallScope } from "../injection/container.ts";
import type { ServiceRuntime } from "./service-runtime.ts";

/** The one instance of a service, or for other lifetimes the one that `execute`, `check` and subscriptions use: from a start to the stop. */
export class LastingInstance {
  readonly #service: ServiceRuntime;
  /** What it took that is scoped, where calls get instances of their own. */
  readonly #scope: CallScope | undefined;
  readonly value: object;

  /** Makes it. What it took before its constructor threw is disposed of. */
  constructor(service: ServiceRuntime) {
    const { container } = service.host;
    const { lifetime = "singleton" } = service.definition.options;
    this.#service = service;
    this.#scope = lifetime === "singleton" ? undefined : container.createScope();
    try {
      this.value = createInstance(service, this.#scope ?? container);
    } catch (error) {
      if (this.#scope !== undefined) void endScope(service, this.#scope);
      throw error;
    }
  }

  /** Disposes of it, unless the program gave it, and of what it took. Never rejects. */
  async dispose(): Promise<void> {
    const service = this.#service;
    const { token } = service.definition.behaviour;
    const isGiven = token !== undefined && service.host.container.binding(token)?.kind === "value";
    try {
      if (!isGiven) await disposeValue(this.value);
    } catch (error) {
      service.logger.error("The service could not be disposed of", { error });
    }
    if (this.#scope !== undefined) await endScope(service, this.#scope);
  }
}
