// Compiled by tsc and run as JavaScript, then run as it is through the hook: both must give the decorators what they need.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inject, ServiceAction, serviceEvent, ServiceEvent, SoraBackgroundService, SoraFluentServiceBase, SoraHost, token } from "@sora/core";
import type { ActionContext, Parsed } from "@sora/core";
import { createTestHost } from "@sora/core/testing";
import { z } from "zod";

const Options = z.object({ name: z.string(), times: z.number().default(2) });
const Greeted = serviceEvent("Greeted", z.object({ name: z.string() }));
const Greeting = token<string>("Greeting");

@SoraBackgroundService({ runInProduction: true })
@ServiceEvent(Greeted)
class GreetingService extends SoraFluentServiceBase {
  readonly #greeting = inject(Greeting);

  @ServiceAction("greet-often", { parameters: Options })
  async greetOften(options: Parsed<typeof Options>, { signal }: ActionContext): Promise<string> {
    signal.throwIfAborted();
    await this.emit(Greeted, { name: options.name });
    return `${this.#greeting} ${options.name} `.repeat(options.times).trim();
  }
}

test("a decorated service answers a call and emits its event", async () => {
  const host = await SoraHost.start({ services: [GreetingService], provide: [[Greeting, "hello"]], environment: "Development" });
  try {
    const seen: string[] = [];
    using _ = await host
      .services(GreetingService)
      .on(Greeted)
      .do(async ({ name }) => void seen.push(name))
      .subscribe();

    assert.equal(await host.services(GreetingService).do("greet-often", { name: "Ada" }).execute(), "hello Ada hello Ada");
    assert.deepEqual(seen, ["Ada"]);
  } finally {
    await host.stop();
  }
});

test("the testing kit runs it on a virtual clock", async () => {
  const host = await createTestHost({ services: [GreetingService], provide: [[Greeting, "hi"]] });
  try {
    assert.equal(await host.services(GreetingService).do("greet-often", { name: "Ada", times: 1 }).execute(), "hi Ada");
  } finally {
    await host.stop();
  }
});
