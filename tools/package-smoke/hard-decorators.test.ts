// What decorators meet in programs that tsc compiles: decorators of other makers, inheritance, names that a minifier changes.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  definitionOf,
  ServiceAction,
  serviceEvent,
  ServiceEvent,
  SoraBackgroundService,
  SoraFluentServiceBase,
  SoraPeriodicService,
  SoraPeriodicServiceBase,
} from "@sora/core";
import type { ActionContext } from "@sora/core";
import { createTestHost } from "@sora/core/testing";

type Method<This, Args extends unknown[], R> = (this: This, ...args: Args) => R;

/** Puts another function, which declares no parameters, in the method's place. */
function wrapped<This, Args extends unknown[], R>(
  method: Method<This, Args, R>,
  _context: ClassMethodDecoratorContext<This, Method<This, Args, R>>,
): Method<This, Args, R> {
  return function (this: This, ...args: Args): R {
    return method.apply(this, args);
  };
}

/** Puts a subclass in the class's place. */
function replaced<T extends new (...args: any[]) => object>(target: T, _context: ClassDecoratorContext<T>): T {
  return class extends target {};
}

const Started = serviceEvent("Started");
const Ended = serviceEvent("Ended");

// A base with no class decorator: nothing but its methods has been decorated when it exists.
abstract class Base extends SoraFluentServiceBase {
  @wrapped
  @ServiceAction()
  @ServiceEvent(Started)
  async both(parameters: unknown, { action }: ActionContext): Promise<unknown> {
    return [action, parameters];
  }

  @ServiceAction()
  async overridden(parameters: unknown, _context: ActionContext): Promise<unknown> {
    return ["base", parameters];
  }
}

@replaced
@SoraBackgroundService({ priority: 7 })
@ServiceEvent(Ended)
class RatherLongClassName extends Base {
  override async overridden(parameters: unknown): Promise<unknown> {
    return ["sub", parameters];
  }

  @ServiceAction("own-work")
  @wrapped
  async ownWork({ action }: ActionContext): Promise<string> {
    return action;
  }
}

class SisterOfTheOther extends Base {
  @ServiceAction() async sister(): Promise<void> {}
}
SoraBackgroundService()(SisterOfTheOther);

@SoraPeriodicService({ every: "1h" })
class PeriodicWithLongName extends SoraPeriodicServiceBase {
  override readonly name = "by-field";
  static readonly mentionsItself = (): unknown => PeriodicWithLongName;
  override executePeriodic(): void {}
}

@SoraBackgroundService()
class NamedByItsDecorator extends SoraFluentServiceBase {
  static readonly mentionsItself = (): unknown => NamedByItsDecorator;
}

test("actions, events and options are what the source says", () => {
  const definition = definitionOf(RatherLongClassName);
  assert.deepEqual([definition.name, definition.kind, definition.options, definition.problems], ["RatherLongClassName", "background", { priority: 7 }, []]);
  assert.deepEqual([...definition.actions.keys()].sort(), ["both", "overridden", "own-work"]);
  assert.deepEqual([...definition.events.keys()].sort(), ["Ended", "Started"]);
  assert.deepEqual([...definitionOf(SisterOfTheOther).actions.keys()].sort(), ["both", "overridden", "sister"]);
  assert.equal(definitionOf(NamedByItsDecorator).name, "NamedByItsDecorator");
});

test("wrapped and overridden methods get what their declarations say", async () => {
  await using host = await createTestHost({ services: [RatherLongClassName, PeriodicWithLongName] });
  assert.deepEqual(await host.services(RatherLongClassName).do("both", 5).execute(), ["both", 5]);
  assert.deepEqual(await host.services(RatherLongClassName).do("overridden", 5).execute(), ["sub", 5]);
  assert.equal(await host.services(RatherLongClassName).do("own-work").execute(), "own-work");
  await host.services(PeriodicWithLongName).do("trigger").execute();
  assert.deepEqual(
    host.list().map(({ name, runs }) => [name, runs]),
    [
      ["RatherLongClassName", 1],
      ["by-field", 1],
    ],
  );
});
