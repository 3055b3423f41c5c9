import { SoraError } from "../errors/sora-error.ts";
import { currentContext } from "../host/ambient.ts";
import type { ServiceCommand } from "../commands/service-command.ts";
import type { ServiceBinding } from "../definition/service-binding.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { ServiceClientFactory } from "../fluent/service-client-factory.ts";
import type { PeriodicObserver } from "../time/periodic-timer.ts";
import type { ActionContext } from "./action-context.ts";
import { WorkContext } from "./work-context.ts";

/**
 * What an instance of a base class is bound to. Where a method uses `this.emit` or `this.services` inside a call or run, the work goes on from there;
 * elsewhere, and with ambient flow off, from here.
 */
export class InstanceContext extends WorkContext implements ServiceBinding {
  constructor(runtime: ServiceRuntime) {
    super(runtime, undefined);
  }

  /** The instance bound to this; set as soon as it is made. */
  instance: object | undefined = undefined;

  get signal(): AbortSignal {
    return this.host.workSignal;
  }

  override flowingCorrelationId(): string | undefined {
    return undefined;
  }

  override get services(): ServiceClientFactory {
    return service => this.host.clientFor(service, this.#surrounding()) as never;
  }

  override get delay(): ServiceBinding["delay"] {
    const around = this.#surrounding();
    return around === this ? super.delay : around.delay;
  }

  override get periodicTimer(): ServiceBinding["periodicTimer"] {
    const around = this.#surrounding();
    return around === this ? super.periodicTimer : around.periodicTimer;
  }

  override get progress(): ServiceBinding["progress"] {
    const around = this.#surrounding();
    return around === this ? super.progress : around.progress;
  }

  override get emit(): ServiceBinding["emit"] {
    return (event: ServiceEvent | string, args?: unknown) => this.runtime.emit(event, args, this.#surrounding());
  }

  runAction(action: string, parameters: unknown, context: ActionContext): unknown {
    return this.runtime.action(action).definition.run(this.instance, parameters, context);
  }

  refuseCommand(command: ServiceCommand): never {
    const name = command.constructor.name;
    throw new SoraError("SORA_COMMAND_UNSUPPORTED", `Cannot send ${name} to ${this.service}: it handles no commands.`, {
      details: { service: this.service, command: name, supported: [] },
    });
  }

  /** Without ambient flow, what a service does by itself cannot be told from what its actions do. */
  protected override noteProgress(): void {
    this.runtime.noteProgress();
  }

  protected override watchLoop(period: number): PeriodicObserver {
    return this.runtime.watchLoop(period);
  }

  #surrounding(): WorkContext {
    const context = currentContext();
    return context !== undefined && context.host === this.host ? context : this;
  }
}
