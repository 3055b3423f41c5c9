import { expect, test } from "vitest";
import * as z from "zod";
import { ServiceAction, SoraBackgroundService, SoraFluentServiceBase } from "../index.ts";
import { controlOf } from "../control/control-of.ts";
import { createTestHost } from "../testing/index.ts";

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "a call that waited for a service is refused, or runs on a living instance, where a stop comes %i microtasks after the service was open",
  async depth => {
    let crashes = 1;

    @SoraBackgroundService({ restart: { delay: "1s", jitter: "none" } })
    class Flaky extends SoraFluentServiceBase {
      #alive = true;

      override async executeCore(signal: AbortSignal): Promise<void> {
        if (crashes-- > 0) throw new Error("once");
        await super.executeCore(signal);
      }

      @ServiceAction({ parameters: slowlyChecked })
      async ask(_given: string): Promise<boolean> {
        return this.#alive;
      }

      [Symbol.dispose](): void {
        this.#alive = false;
      }
    }

    await using host = await createTestHost({ services: [Flaky] });
    await host.clock.settle();
    const outcome = host
      .services(Flaky)
      .do("ask", "well")
      .execute()
      .catch((error: unknown) => (error as { code?: string }).code);
    await host.clock.settle();
    let stop: Promise<void> | undefined;
    using _ = controlOf(host).watchStates(({ state }) => {
      if (state === "running") stop = after(depth).then(() => host.stopService(Flaky));
    });
    await host.clock.advance("1s");
    await stop;
    expect([true, "SORA_SERVICE_UNAVAILABLE"]).toContain(await outcome);
  },
);

const slowlyChecked = z.string().refine(() => new Promise<boolean>(resolve => setImmediate(resolve, true)));

async function after(microtasks: number): Promise<void> {
  for (let count = 1; count < microtasks; count++) await undefined; // what is chained to its end takes one
}
