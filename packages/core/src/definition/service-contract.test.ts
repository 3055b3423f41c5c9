import { describe, expect, test } from "vitest";
import { z } from "zod";
import { serviceEvent } from "../events/service-event.ts";
import { SoraServices } from "../fluent/sora-services.ts";
import { createTestHost } from "../testing/index.ts";
import { defineService } from "./define-service.ts";
import { definitionOf } from "./definition-of.ts";
import { ServiceAction } from "./service-action.ts";
import { isServiceContract, serviceContract } from "./service-contract.ts";
import { isServiceDefinition } from "./service-definition.ts";
import { SoraBackgroundService } from "./sora-background-service.ts";
import { SoraFluentServiceBase } from "./sora-fluent-service-base.ts";
import { type } from "./type.ts";

const Options = z.object({ to: z.string() });
const Completed = serviceEvent("Completed", Options);
const contract = serviceContract("TranslationService", {
  description: "translates",
  actions: { translate: { parameters: Options, result: type<string>(), description: "one file" }, checkQueue: { result: type<number>() } },
  events: { done: Completed },
});

const defined = defineService("TranslationService", {
  events: { done: Completed },
  actions: {
    translate: { parameters: Options, run: async ({ to }, { emit }) => (await emit(Completed, { to }), to) },
    checkQueue: async () => 3,
  },
});

@SoraBackgroundService({ name: "TranslationService" })
class Decorated extends SoraFluentServiceBase {
  @ServiceAction({ parameters: Options }) async translate({ to }: z.output<typeof Options>): Promise<string> {
    await this.emit(Completed, { to });
    return to;
  }
  @ServiceAction() async checkQueue(): Promise<number> {
    return 3;
  }
}

describe("a contract", () => {
  test.each([
    ["a definition", defined],
    ["a class", Decorated],
  ])("calls, hears and asks %s of its name", async (_what, service) => {
    await using host = await createTestHost({ services: [service] });
    const heard: unknown[] = [];
    using _ = await host
      .services(contract)
      .on(Completed)
      .do(args => void heard.push(args))
      .subscribe();
    expect(await host.services(contract).do("translate", { to: "de" }).do("check-queue").execute()).toEqual(["de", 3]);
    expect(await SoraServices.of(contract).do("translate", { to: "en" }).execute()).toBe("en");
    expect(heard).toEqual([{ to: "de" }, { to: "en" }]);
    expect((await host.services(contract).query().getStatus()).name).toBe("TranslationService");
    await expect(
      host
        .services(contract)
        .do("translate", { to: 5 as never })
        .execute(),
    ).rejects.toMatchObject({ code: "SORA_PARAMETERS_INVALID" });
  });

  test("reaches a service that has renamed itself by its new name", async () => {
    class Renaming extends SoraFluentServiceBase {
      override readonly name = "TranslationService";
      async checkQueue(): Promise<number> {
        return 7;
      }
    }
    ServiceAction()(Renaming, "checkQueue");
    await using host = await createTestHost({ services: [Renaming] });
    expect(await host.services(contract).do("check-queue").execute()).toBe(7);
  });

  test("of a service that the host lacks is refused by name, and an action that the service lacks by its", async () => {
    await using host = await createTestHost({ services: [defineService("TranslationServices"), defineService("Other")] });
    await expect(host.services(contract).do("check-queue").execute()).rejects.toMatchObject({
      code: "SORA_SERVICE_UNKNOWN",
      details: { service: "TranslationService", nearest: "TranslationServices" },
    });
    await expect(
      host
        .services(serviceContract("Other", { actions: { work: {} } }))
        .do("work")
        .execute(),
    ).rejects.toMatchObject({ code: "SORA_ACTION_UNKNOWN" });
  });

  test("with problems is refused with all of them when it is called", async () => {
    const bad = serviceContract("not a name", {
      actions: { translate: { parameters: 5, result: {} }, Translate: {} },
      events: { e: "Completed" },
      actons: {},
    } as object) as typeof contract;
    expect(bad.problems).toEqual([
      'its name "not a name" is not 1 to 64 ASCII letters, digits, "-" or "_"',
      "actons is no option of a contract; did you mean actions?",
      "action translate: parameters is not a Standard Schema (zod, valibot, arktype, …); use type<T>() where no check is wanted",
      "action translate: result is not a Standard Schema (zod, valibot, arktype, …); use type<T>() where no check is wanted",
      'action Translate: "translate" is already the name of another',
      'an event is "Completed"; give one that serviceEvent() made, or a name',
    ]);
    await using host = await createTestHost({ services: [defined] });
    await expect(host.services(bad).do("check-queue").execute()).rejects.toMatchObject({
      code: "SORA_DEFINITION_INVALID",
      message: expect.stringContaining(bad.problems.join("; ")) as string,
    });
  });

  test("is frozen data, and no definition: no host runs it", async () => {
    for (const part of [contract, contract.actions, contract.actions.get("translate"), contract.events, contract.problems])
      expect(Object.isFrozen(part)).toBe(true);
    expect([...contract.actions.keys()]).toEqual(["translate", "check-queue"]);
    expect([...contract.events.values()]).toEqual([Completed]);
    expect([isServiceContract(contract), isServiceContract(defined), isServiceContract(definitionOf(Decorated)), isServiceContract(null)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(isServiceDefinition(contract)).toBe(false);
    await expect(createTestHost({ services: [contract as never] })).rejects.toMatchObject({
      code: "SORA_OPTION_INVALID",
      message: expect.stringContaining("services[0] is a contract, which says what a service elsewhere can do") as string,
    });
  });
});
