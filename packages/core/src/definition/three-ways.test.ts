import { expect, test } from "vitest";
import { z } from "zod";
import { serviceEvent } from "../events/service-event.ts";
import { HealthReport } from "../health/health-report.ts";
import { createTestHost } from "../testing/index.ts";
import { defineService } from "./define-service.ts";
import { definitionOf } from "./definition-of.ts";
import { ServiceAction } from "./service-action.ts";
import { ServiceEvent } from "./service-event-decorator.ts";
import { isServiceDefinition } from "./service-definition.ts";
import { SoraBackgroundService, SoraPeriodicService, SoraStartupService } from "./sora-background-service.ts";
import { SoraFluentServiceBase } from "./sora-fluent-service-base.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { AnyServiceDefinition } from "./service-definition.ts";

const Options = z.object({ to: z.string(), from: z.string().default("auto") });
const Completed = serviceEvent("Completed", Options);
const Failed = serviceEvent("Failed");
const options = { runInProduction: false, priority: 5, concurrency: 3, timeout: "5s", dependsOn: ["db"], restart: { budget: 2 } } as const;
const translateOptions = { parameters: Options, description: "translates", concurrency: 2, timeout: "1s", idempotent: true, retry: { attempts: 3 } } as const;

@SoraBackgroundService(options)
@ServiceEvent(Completed)
@ServiceEvent(Failed)
class Decorated extends SoraFluentServiceBase {
  @ServiceAction("translate", translateOptions)
  async translate({ to, from }: z.output<typeof Options>, { action }: ActionContext): Promise<string> {
    return `${action} ${from} ${to}`;
  }

  @ServiceAction()
  async checkQueue({ action }: ActionContext): Promise<string> {
    return action;
  }

  @ServiceAction()
  async both(parameters: unknown, { action }: ActionContext): Promise<unknown> {
    return [action, parameters];
  }
}

class Plain {
  async execute(): Promise<void> {}
  async translate({ to, from }: z.output<typeof Options>, { action }: ActionContext): Promise<string> {
    return `${action} ${from} ${to}`;
  }
  async checkQueue({ action }: ActionContext): Promise<string> {
    return action;
  }
  async both(parameters: unknown, { action }: ActionContext): Promise<unknown> {
    return [action, parameters];
  }
}
ServiceAction("translate", translateOptions)(Plain, "translate");
ServiceEvent(Completed)(Plain);
ServiceAction()(Plain, "checkQueue");
SoraBackgroundService({ ...options, name: "Decorated" })(Plain);
ServiceAction("both")(Plain, "both");
ServiceEvent(Failed)(Plain);

const defined = defineService("Decorated", {
  ...options,
  events: { completed: Completed, failed: Failed },
  actions: {
    translate: { ...translateOptions, run: async ({ to, from }, { action }) => `${action} ${from} ${to}` },
    checkQueue: async ({ action }) => action,
    both: { run: async (parameters, { action }) => [action, parameters] },
  },
});

/** What a definition says, without how it does it. */
function said({ name, kind, options: given, actions, events, problems }: AnyServiceDefinition): object {
  const named = [...actions.values()].map(action => ({ name: action.name, member: action.member, options: action.options }));
  return {
    name,
    kind,
    options: given,
    actions: named.sort((a, b) => a.name.localeCompare(b.name)),
    events: [...events].sort(([a], [b]) => a.localeCompare(b)),
    problems,
  };
}

test("the three ways to define a service say the same", () => {
  expect(said(definitionOf(Decorated))).toEqual(said(defined));
  expect(said(definitionOf(Plain))).toEqual(said(defined));
  expect(definitionOf(Decorated).options).toEqual(options);
});

test.each([
  ["a decorated class", Decorated],
  ["a class with no base, declared by plain functions", Plain],
  ["defineService", defined],
] as const)("%s runs the same actions", async (_way, service) => {
  await using host = await createTestHost({ services: [service] });
  const services = host.services(defined);
  const real = host.services(service as typeof Decorated);
  expect(await real.do("translate", { to: "de", from: "en" }).execute()).toBe("translate en de");
  expect(await real.do("check-queue").execute()).toBe("check-queue");
  expect(await real.do("both", [1]).execute()).toEqual(["both", [1]]);
  if (service === defined) expect(await services.do("translate", { to: "de" }).execute()).toBe("translate auto de");
});

test("periodic and startup services say the same both ways", () => {
  @SoraPeriodicService({ every: "1h", jitter: "5s", overlap: "queue", misfire: { all: 3 }, runOnStartup: true, initialDelaySeconds: 5 })
  class Periodic {
    execute(): void {}
  }
  @SoraStartupService({ startupOrder: 5, continueOnFailure: true, timeoutSeconds: 3 })
  class Startup {
    execute(): void {}
  }
  const execute = (): void => {};
  expect(said(definitionOf(Periodic))).toEqual(
    said(defineService("Periodic", { every: "1h", jitter: "5s", overlap: "queue", misfire: { all: 3 }, runOnStartup: true, initialDelaySeconds: 5, execute })),
  );
  expect(said(definitionOf(Startup))).toEqual(said(defineService("Startup", { startupOrder: 5, continueOnFailure: true, timeoutSeconds: 3, execute })));
});

test("a class that only implements the interface is a service, with its work, readiness and health", async () => {
  class Plainest {
    readonly steps: string[] = [];
    async execute(signal: AbortSignal): Promise<void> {
      this.steps.push("execute");
      await new Promise<void>(resolve => signal.addEventListener("abort", () => resolve()));
      this.steps.push("stopped");
    }
    isReady(): boolean {
      return this.steps.includes("execute");
    }
    async check(): Promise<HealthReport> {
      return HealthReport.degraded(`it has ${this.steps.length} steps`);
    }
  }
  const one = new Plainest();
  const host = await createTestHost({ services: [Plainest], provide: [[Plainest, () => one]] });
  expect(await host.services(Plainest).query().getHealth()).toMatchObject({ name: "Plainest", status: "degraded", description: "it has 1 steps" });
  await host.stop();
  expect(one.steps).toEqual(["execute", "stopped"]);
});

test("a class whose work is a field is one too", async () => {
  const seen: unknown[] = [];
  class ByField {
    readonly execute = async (signal: AbortSignal): Promise<void> => void seen.push(this instanceof ByField, signal.aborted);
  }
  class WithNothing {
    readonly nothing = true;
  }
  await using host = await createTestHost({ services: [ByField, WithNothing] });
  await host.clock.settle();
  expect(seen).toEqual([true, false]);
  expect((await host.services(ByField).query().getStatus()).state).toBe("completed");
  expect((await host.services(WithNothing).query().getStatus()).state).toBe("running");
});

test("a definition is frozen, whichever way it was made, and keeps none of what it was given", () => {
  const given = { every: "1h" as const, restart: { budget: 1 }, dependsOn: ["db"], actions: { a: { retry: { attempts: 2 }, run: () => {} } }, execute() {} };
  const changing = defineService("Changing", given);
  @SoraBackgroundService(given as object)
  class Changed extends SoraFluentServiceBase {
    @ServiceAction("a", given.actions.a as object) a(): void {}
  }
  const fromClass = definitionOf(Changed);
  given.restart.budget = 9;
  given.dependsOn.push("other");
  given.actions.a.retry.attempts = 9;
  for (const definition of [changing, fromClass] as AnyServiceDefinition[]) {
    expect(definition.options).toMatchObject({ restart: { budget: 1 }, dependsOn: ["db"] });
    expect(definition.actions.get("a")?.options.retry).toEqual({ attempts: 2 });
    expect(isServiceDefinition(definition)).toBe(true);
    for (const part of [
      definition,
      definition.options,
      definition.options.restart,
      definition.options.dependsOn,
      definition.actions,
      definition.actions.get("a"),
      definition.actions.get("a")?.options,
      definition.actions.get("a")?.options.retry,
      definition.events,
      definition.behaviour,
      definition.problems,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    expect(() => (definition.actions as Map<string, unknown>).set("b", 1)).toThrow(TypeError);
    expect(() => (definition.events as Map<string, unknown>).clear()).toThrow(TypeError);
    expect(() => (definition.actions as Map<string, unknown>).delete("a")).toThrow(TypeError);
  }
  expect(definitionOf(Changed)).toBe(fromClass);
});
