import { expect, test } from "vitest";
import { defineService, ServiceCommand, SoraBackgroundService, SoraFluentServiceBase, SoraServices, type } from "../index.ts";
import { createTestHost, createVirtualClock } from "../testing/index.ts";
import { rejection } from "../testing/rejection.ts";
import type { TestHost } from "../testing/index.ts";

class Look extends ServiceCommand {}

const ended: unknown[] = [];
const back = defineService("Back", {
  actions: {
    tell: async ({ correlationId, metadata, deadline, clock }) => ({
      correlationId,
      metadata,
      left: deadline === undefined ? undefined : deadline - clock.now(),
    }),
    wait: async ({ delay, signal }) => {
      signal.addEventListener("abort", () => ended.push(signal.reason));
      await delay("1h");
    },
  },
});

@SoraBackgroundService()
class Watcher extends SoraFluentServiceBase {
  override readonly supportedCommands = [Look];

  override async handleCommand({ correlationId }: ServiceCommand): Promise<unknown> {
    return correlationId;
  }
}

/** Two hosts on one clock, of which the first has an action that does what it is given. */
async function twoHosts() {
  const clock = createVirtualClock();
  const far: TestHost = await createTestHost({ services: [back, Watcher], clock, name: "far", seed: 2 });
  const front = defineService("Front", {
    actions: { do: { parameters: type<() => Promise<unknown>>(), run: async (work: () => Promise<unknown>) => work() } },
  });
  const near = await createTestHost({ services: [front], clock, name: "near" });
  return {
    clock,
    far,
    near,
    from: (work: () => Promise<unknown>) => near.services(front).do("do", work).withCorrelationId("story").withMetadata({ tenant: "acme" }),
    [Symbol.asyncDispose]: async () => {
      await near.stop();
      await far.stop();
    },
  };
}

test("a call from another host's work carries on its correlation id, its metadata and what is left of its time", async () => {
  await using hosts = await twoHosts();
  const { far, from, clock } = hosts;
  const tell = far.services(back).do("tell");
  expect(await from(() => tell.execute()).execute()).toEqual({ correlationId: "story", metadata: { tenant: "acme" }, left: undefined });
  const later = async (): Promise<unknown> => {
    clock.block("4s");
    return tell.withMetadata({ more: true }).withTimeout("1h").execute();
  };
  expect(await from(later).withTimeout("10s").execute()).toEqual({ correlationId: "story", metadata: { tenant: "acme", more: true }, left: 6_000 });
  expect(
    await from(() => tell.withTimeout("2s").withCorrelationId("own").execute())
      .withTimeout("10s")
      .execute(),
  ).toMatchObject({ correlationId: "own", left: 2_000 });
  expect(await from(() => tell.do("tell").execute()).execute()).toMatchObject([{ correlationId: "story" }, { correlationId: "story" }]);
  expect(await from(() => far.commands.send("Watcher", new Look())).execute()).toBe("story");
});

test("a call from another host's work ends when that does: by its time, its caller's signal, or the stop of its service", async () => {
  await using hosts = await twoHosts();
  const { far, near, from, clock } = hosts;
  const wait = (): Promise<unknown> => far.services(back).do("wait").execute();
  const controller = new AbortController();
  const outcomes = [
    rejection(from(wait).withTimeout("10s").execute()),
    rejection(from(wait).withSignal(controller.signal).execute()),
    rejection(from(wait).execute()),
  ];
  await clock.advance("10s");
  expect(await outcomes[0]).toMatchObject({ code: "SORA_ACTION_TIMEOUT", details: { service: "Front" } });
  controller.abort();
  expect(await outcomes[1]).toMatchObject({ code: "SORA_ACTION_CANCELLED", details: { service: "Front" } });
  const stopped = near.stopService("Front");
  await clock.advance("30s");
  await stopped;
  expect(await outcomes[2]).toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE" });
  expect(ended.splice(0)).toHaveLength(3);
  expect(await far.services(back).query().getStatus()).toMatchObject({ inFlight: 0 });
});

test("work of one host finds its own host by itself, and is no part of another's", async () => {
  await using hosts = await twoHosts();
  const { far, from } = hosts;
  await expect(from(() => SoraServices.named("Back").do("tell").execute()).execute()).rejects.toMatchObject({ code: "SORA_SERVICE_UNKNOWN" });
  await far.stopService(back);
  await expect(from(() => far.services(back).do("tell").execute()).execute()).rejects.toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE" });
});
