import { beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import * as first from "../index.ts";
import * as testing from "../testing/index.ts";
import { isServiceClass } from "./definition-of.ts";
import { isServiceContract } from "./service-contract.ts";
import { isServiceDefinition } from "./service-definition.ts";

import type { ActionContext, Token } from "../index.ts";

// A program may load the package twice, in two versions of it or by two paths: what one copy declares, the other runs.
let second: typeof first;
beforeAll(async () => {
  vi.resetModules();
  second = await import("../index.ts");
});

function declare(
  copy: typeof first,
  Greeting: Token<string>,
): {
  readonly Decorated: new () => { greet(parameters: { readonly name?: string }, context: ActionContext): Promise<string> };
  readonly Greeted: ReturnType<typeof first.serviceEvent<"Greeted">>;
} {
  const Greeted = copy.serviceEvent("Greeted");

  @copy.SoraBackgroundService({ priority: 5 })
  @copy.ServiceEvent(Greeted)
  class Decorated extends copy.SoraFluentServiceBase {
    readonly #greeting = copy.inject(Greeting);

    @copy.ServiceAction({ parameters: z.object({ name: z.string().default("you") }) })
    async greet({ name }: { readonly name?: string }): Promise<string> {
      await this.emit(Greeted, name);
      return `${this.#greeting} ${name}`;
    }
  }
  return { Decorated: Decorated, Greeted };
}

test("there are two copies", () => {
  expect(second.SoraFluentServiceBase).not.toBe(first.SoraFluentServiceBase);
  expect(second.ServiceAction).not.toBe(first.ServiceAction);
});

describe("what the other copy declared", () => {
  test("is known for what it is", () => {
    const { Decorated } = declare(second, second.token("Greeting"));
    expect(isServiceClass(Decorated)).toBe(true);
    expect(isServiceDefinition(second.defineService("Other"))).toBe(true);
    expect(isServiceContract(second.serviceContract("Other"))).toBe(true);
    expect(first.definitionOf(Decorated)).toBe(second.definitionOf(Decorated));
    expect(first.definitionOf(Decorated)).toMatchObject({ name: "Decorated", kind: "background", options: { priority: 5 }, problems: [] });
  });

  test("runs in this copy's host, called and heard through either", async () => {
    const Greeting = second.token<string>("Greeting");
    const { Decorated, Greeted } = declare(second, Greeting);
    await using host = await testing.createTestHost({ services: [Decorated], provide: [[Greeting, "hello"]] });
    const heard: unknown[] = [];
    using _ = await first.SoraServices.of(Decorated)
      .on(Greeted)
      .do(name => void heard.push(name))
      .subscribe();
    expect(await host.services(Decorated).do("greet", {}).execute()).toBe("hello you");
    expect(await first.SoraServices.of(Decorated).do("greet", { name: "Ada" }).execute()).toBe("hello Ada");
    expect(await second.SoraServices.of(Decorated).do("greet", { name: "Bob" }).execute()).toBe("hello Bob");
    expect(heard).toEqual(["you", "Ada", "Bob"]);
  });

  test("may be a definition, called by a contract of the other copy", async () => {
    const service = second.defineService("Other", {
      actions: { twice: { parameters: second.type<number>(), run: async n => n * 2 } },
      every: "1h",
      execute() {},
    });
    const contract = first.serviceContract("Other", { actions: { twice: { parameters: first.type<number>(), result: first.type<number>() } } });
    await using host = await testing.createTestHost({ services: [service] });
    expect(await host.services(service).do("twice", 4).execute()).toBe(8);
    expect(await second.SoraServices.of(contract).do("twice", 5).execute()).toBe(10);
    await host.services(service).do("trigger").execute();
  });

  test("may be a base of this copy's class, or have one as its base", async () => {
    const Greeting = first.token<string>("Greeting");
    for (const [below, above] of [
      [first, second],
      [second, first],
    ] as const) {
      const { Decorated: Base } = declare(below, Greeting);
      @above.SoraBackgroundService({ name: "Above" })
      class Above extends Base {
        @above.ServiceAction() async more(): Promise<string> {
          return this.greet({ name: "more" }, {} as ActionContext);
        }
      }
      await using host = await testing.createTestHost({ services: [Above], provide: [[Greeting, "hi"]] });
      expect(first.definitionOf(Above)).toMatchObject({ name: "Above", options: { priority: 5 }, problems: [] });
      expect(await host.services(Above).do("more").execute()).toBe("hi more");
      expect(await host.services(Above).do("greet", {}).execute()).toBe("hi you");
    }
  });

  test("reports its problems here", async () => {
    const bad = second.defineService("Bad", { concurrency: 0 });
    class Worse extends second.SoraFluentServiceBase {}
    second.SoraBackgroundService({ timeout: 0 })(Worse);
    await expect(testing.createTestHost({ services: [bad, Worse] })).rejects.toMatchObject({
      code: "SORA_DEFINITION_INVALID",
      details: { problems: [{ service: "Bad" }, { service: "Worse" }] },
    });
  });
});
