import { builtInCommand, handledCommand } from "../commands/built-in-command.ts";
import { ActionRuntime } from "./action-runtime.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";

/** The actions and commands of one service that have been called, each made at its first call. */
export class CalledActions {
  readonly #service: ServiceRuntime;
  readonly #byName = new Map<string, ActionRuntime>();
  // What was asked for last, since whoever calls an action tends to call it again.
  #lastName: string | undefined = undefined;
  #lastFound: ActionRuntime | undefined = undefined;
  /** What its `handleCommand` was asked for, by name. */
  #commands: Map<string, ActionRuntime> | undefined = undefined;

  constructor(service: ServiceRuntime) {
    this.#service = service;
  }

  /** The action or built-in command of this name. @throws SoraError `SORA_ACTION_UNKNOWN` or `SORA_COMMAND_UNSUPPORTED`. */
  get(name: string): ActionRuntime {
    if (name === this.#lastName && this.#lastFound !== undefined) return this.#lastFound;
    this.#lastFound = this.#byName.get(name) ?? this.#make(name);
    this.#lastName = name;
    return this.#lastFound;
  }

  #make(name: string): ActionRuntime {
    const service = this.#service;
    const declared = service.definition.actions.get(name);
    const action = declared === undefined ? builtInCommand(service, name) : new ActionRuntime(service, declared, true);
    this.#byName.set(name, action);
    return action;
  }

  /** The way in for the commands of a name that the service's `handleCommand` takes. */
  command(name: string): ActionRuntime {
    const commands = (this.#commands ??= new Map<string, ActionRuntime>());
    let action = commands.get(name);
    if (action === undefined) commands.set(name, (action = new ActionRuntime(this.#service, handledCommand(this.#service, name), false)));
    return action;
  }

  /** All of them, by name. */
  get all(): ReadonlyMap<string, ActionRuntime> {
    return this.#commands === undefined ? this.#byName : new Map([...this.#commands, ...this.#byName]); // what is in both is the same
  }
}
