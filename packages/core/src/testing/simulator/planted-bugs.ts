import { ActionRuntime } from "../../actions/action-runtime.ts";
import { CallContext } from "../../actions/call-context.ts";
import { Lane } from "../../actions/lane.ts";
import { WaitingLine } from "../../actions/waiting-line.ts";
import type { Waiter } from "../../actions/waiting-line.ts";
import { EventSubscription } from "../../events/event-subscription.ts";
import { LastingInstance } from "../../lifecycle/lasting-instance.ts";
import { PeriodicRunner } from "../../lifecycle/periodic-runner.ts";
import { Supervisor } from "../../lifecycle/supervisor.ts";
import { ServiceRuntime } from "../../lifecycle/service-runtime.ts";
import { bug, lie } from "./planted-bug.ts";
import type { PlantedBug } from "./planted-bug.ts";

/** Every mistake that the simulator must find. */
export const plantedBugs: readonly PlantedBug[] = [
  bug("a lane lets one more in than it may", Lane.prototype, "hasRoom", () => () => true),
  bug("a slot is not given back", Lane.prototype, "leave", original => {
    let count = 0;
    return function (this: Lane) {
      if (++count % 5 !== 0) original.call(this);
    };
  }),
  bug(
    "priorities are forgotten",
    WaitingLine.prototype,
    "add",
    original =>
      function (this: WaitingLine, waiter: Waiter) {
        original.call(this, Object.assign(waiter, { priority: 0 }));
      },
  ),
  bug(
    "a poke is answered by the run under way",
    PeriodicRunner.prototype,
    "poke",
    original =>
      function (this: PeriodicRunner) {
        return this.running > 0 ? Promise.resolve() : original.call(this);
      },
  ),
  bug(
    "a call runs twice",
    ActionRuntime.prototype,
    "call",
    original =>
      function (this: ActionRuntime, ...args) {
        original.apply(this, args).catch(() => {});
        return original.apply(this, args);
      },
  ),
  bug("a timeout does not abort the signal", CallContext.prototype, "abort", () => () => {}),
  bug(
    "an event is delivered twice",
    EventSubscription.prototype,
    "offer",
    original =>
      function (this: EventSubscription, args: unknown, envelope: never, pending: never) {
        return original.call(this, args, envelope, original.call(this, args, envelope, pending) as never);
      },
  ),
  bug("a stop does not wait for what is under way", ServiceRuntime.prototype, "whenDrained", () => async () => {}),
  bug("a stopped service still takes calls", ServiceRuntime.prototype, "accepts", () => () => true),
  lie("a stop does not name what ignores it", Supervisor.prototype, "underWay", () => undefined),
  bug("an instance is not disposed of", LastingInstance.prototype, "dispose", () => async () => {}),
];
