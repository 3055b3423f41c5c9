import { untilAborted } from "../time/until-aborted.ts";
import { bindingOf } from "./service-binding.ts";
import { defaultMember, overridable } from "./default-member.ts";
import { SoraBackgroundServiceBase } from "./sora-background-service-base.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { ServiceCommand, ServiceCommandType } from "../commands/service-command.ts";
import type { EmitArguments } from "../events/emit-arguments.ts";
import type { ServiceEvent } from "../events/service-event.ts";

/** Members a subclass may override by a field or by a getter. */
export interface SoraFluentServiceBase {
  /** Commands that `handleCommand` takes. Default none. */
  readonly supportedCommands: readonly ServiceCommandType[];
}

/** Base of services with actions and events: what most services extend. */
export abstract class SoraFluentServiceBase<Settings = Readonly<Record<string, unknown>>> extends SoraBackgroundServiceBase<Settings> {
  /** Calls {@link executeCore}; override that one. */
  override execute(signal: AbortSignal): unknown {
    return this.executeCore(signal);
  }

  /** The service's own loop. Default: waits for the stop. */
  executeCore(signal: AbortSignal): unknown {
    return untilAborted(signal);
  }

  /**
   * Emits an event to its subscribers, and resolves when those of this process have finished, after 30 s at most. A subscriber that throws is logged
   * and counted, and harms neither the emitter nor its neighbours.
   *
   * @throws SoraError `SORA_EVENT_ARGS_INVALID` where the event has a schema and the arguments do not fit.
   */
  emit<E extends ServiceEvent<any, any> | string>(event: E, ...args: EmitArguments<E>): Promise<void> {
    return bindingOf(this).emit(event, ...args);
  }

  /** Every call of an action passes here; override it to stand around them, and go on with `super.executeAction`. */
  executeAction(action: string, parameters: unknown, context: ActionContext): unknown {
    return bindingOf(this).runAction(action, parameters, context);
  }

  /** Takes the commands listed in `supportedCommands`. Default: refuses. */
  handleCommand(command: ServiceCommand, _signal: AbortSignal): unknown {
    return bindingOf(this).refuseCommand(command);
  }
}

Object.defineProperties(SoraFluentServiceBase.prototype, { supportedCommands: overridable(() => []) });
defaultMember(SoraFluentServiceBase.prototype.executeAction);
defaultMember(SoraFluentServiceBase.prototype.handleCommand);
