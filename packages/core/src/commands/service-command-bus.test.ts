import { expect, test } from "vitest";
import {
  CheckQueueCommand,
  defineService,
  HealthCheckCommand,
  HealthReport,
  inject,
  ProcessBatchCommand,
  ServiceAction,
  ServiceCommand,
  ServiceCommandBus,
  SoraBackgroundService,
  SoraFluentServiceBase,
  SoraServices,
  StatusCommand,
  TriggerNowCommand,
} from "../index.ts";
import { controlOf } from "../control/control-of.ts";
import { createTestHost } from "../testing/index.ts";

class ReloadCommand extends ServiceCommand {
  readonly what: string;

  constructor(what: string) {
    super();
    this.what = what;
  }
}

@SoraBackgroundService()
class Fluent extends SoraFluentServiceBase {
  readonly handled: ServiceCommand[] = [];
  override readonly supportedCommands = [TriggerNowCommand, ReloadCommand];

  @ServiceAction("check-queue")
  checkQueue(): string {
    return "checked";
  }

  override handleCommand(command: ServiceCommand): string {
    this.handled.push(command);
    return command instanceof ReloadCommand ? `reloaded ${command.what}` : "handled";
  }
}

const plain = defineService("Plain", { check: () => HealthReport.degraded("slow") });
let ran = 0;
const periodic = defineService("Periodic", { every: "1h", execute: () => void ran++ });

test("ServiceCommandBus.send reaches a service by name in any case, by class and by definition", async () => {
  await using host = await createTestHost({ services: [Fluent, periodic] });
  expect(await host.commands.send("fluent", new CheckQueueCommand())).toBe("checked");
  expect(await host.commands.send(Fluent, new TriggerNowCommand())).toBe("handled");
  await host.commands.send(periodic, new TriggerNowCommand());
  expect(ran).toBe(1);
});

test("ServiceCommandBus.send hands listed commands to handleCommand, with the service's name and a correlation id", async () => {
  await using host = await createTestHost({ services: [Fluent] });
  const command = new ReloadCommand("prices");
  expect(await host.commands.send("Fluent", command)).toBe("reloaded prices");
  expect(command).toMatchObject({ serviceName: "Fluent", correlationId: expect.any(String) });
});

test("ServiceCommandBus.send counts the commands that handleCommand takes, by the door of the same name and apart from an action of the same name", async () => {
  @SoraBackgroundService()
  class Shop extends SoraFluentServiceBase {
    override readonly supportedCommands = [TriggerNowCommand, ProcessBatchCommand, ReloadCommand];

    @ServiceAction()
    reload(): string {
      return "the action";
    }

    override handleCommand(command: ServiceCommand): string {
      if (command instanceof ReloadCommand) throw new Error("no");
      return command instanceof ProcessBatchCommand ? `batch of ${String(command.batchSize)}` : "triggered";
    }
  }
  await using host = await createTestHost({ services: [Shop] });
  using metrics = controlOf(host).metrics();
  expect(await host.commands.send(Shop, new TriggerNowCommand())).toBe("triggered");
  expect(await SoraServices.named("Shop").do("trigger").execute()).toBe("triggered");
  expect(await host.commands.send(Shop, new ProcessBatchCommand({ batchSize: 5 }))).toBe("batch of 5");
  expect(await SoraServices.named("Shop").do("process-batch", { batchSize: 6 }).execute()).toBe("batch of 6");
  await expect(host.commands.send(Shop, new ProcessBatchCommand({ batchSize: 0 }))).rejects.toMatchObject({ code: "SORA_PARAMETERS_INVALID" });
  await expect(host.commands.send(Shop, new ReloadCommand("all"))).rejects.toThrow("no");
  expect(await host.services(Shop).do("reload").execute()).toBe("the action");
  const calls = metrics.collect().find(({ name }) => name === "sora_action_calls_total");
  const counted = calls?.type === "counter" ? calls.points.filter(({ value }) => value > 0) : [];
  expect(counted.map(({ labels, value }) => `${labels["action"]} ${labels["outcome"]} ${value}`).toSorted()).toEqual([
    "process-batch ok 2",
    "process-batch refused 1",
    "reload ok 1",
    "reload-command failed 1",
    "trigger ok 2",
  ]);
});

test("ServiceCommandBus.send refuses what a service does not take, listing what it does", async () => {
  await using host = await createTestHost({ services: [plain, Fluent] });
  await expect(host.commands.send(plain, new TriggerNowCommand())).rejects.toMatchObject({
    code: "SORA_COMMAND_UNSUPPORTED",
    details: { supported: ["HealthCheckCommand", "StatusCommand"] },
  });
  await expect(host.commands.send(Fluent, new ProcessBatchCommand())).rejects.toMatchObject({
    code: "SORA_COMMAND_UNSUPPORTED",
    details: { supported: ["CheckQueueCommand", "TriggerNowCommand", "ReloadCommand", "HealthCheckCommand", "StatusCommand"] },
  });
  await expect(SoraServices.named("Plain").do("trigger").execute()).rejects.toMatchObject({ code: "SORA_COMMAND_UNSUPPORTED" });
});

test("ServiceCommandBus.send answers health and status of any service", async () => {
  await using host = await createTestHost({ services: [plain] });
  expect(await host.commands.send(plain, new StatusCommand())).toMatchObject({ name: "Plain", state: "running" });
  expect(await host.commands.send("Plain", new HealthCheckCommand())).toMatchObject({ name: "Plain", status: "degraded", description: "slow" });
});

test("ServiceCommandBus.send says which service it did not find, and the nearest", async () => {
  await using host = await createTestHost({ services: [plain] });
  await expect(host.commands.send("Plaine", new StatusCommand())).rejects.toMatchObject({ code: "SORA_SERVICE_UNKNOWN", details: { nearest: "Plain" } });
});

test("ServiceCommandBus can be injected", async () => {
  @SoraBackgroundService()
  class Sender extends SoraFluentServiceBase {
    readonly #bus = inject(ServiceCommandBus);

    @ServiceAction()
    ask(): Promise<unknown> {
      return this.#bus.send("Plain", new StatusCommand());
    }
  }
  await using host = await createTestHost({ services: [Sender, plain] });
  expect(await host.services(Sender).do("ask").execute()).toMatchObject({ name: "Plain" });
});

test("a declared action stands before the built-in command of its name", async () => {
  const own = defineService("Own", { every: "1h", execute: () => {}, actions: { trigger: () => "mine" } });
  await using host = await createTestHost({ services: [own] });
  expect(await host.commands.send("Own", new TriggerNowCommand())).toBe("mine");
});
