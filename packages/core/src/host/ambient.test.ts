import { AsyncLocalStorage } from "node:async_hooks";
import { expect, test } from "vitest";
import { defineService, SoraServices } from "../index.ts";
import { createTestHost } from "../testing/index.ts";

const echo = defineService("Echo", { actions: { say: context => context.correlationId } });
const caller = defineService("Caller", {
  actions: {
    ask: () => SoraServices.of(echo).do("say").execute(),
    whoAmI: async context => [context.correlationId, await SoraServices.of(echo).do("say").execute()],
  },
});

test("SoraServices refuses without a started host", async () => {
  await expect(SoraServices.of(echo).do("say").execute()).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
  await expect(SoraServices.all()).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
  await expect(SoraServices.of(echo).query().getStatus()).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
  await expect(
    SoraServices.of(echo)
      .on("Anything")
      .do(() => {})
      .subscribe(),
  ).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
});

test("SoraServices finds the only started host, when the chain is executed and not before", async () => {
  const call = SoraServices.of(echo).do("say").withCorrelationId("story");
  await using _host = await createTestHost({ services: [echo] });
  expect(await call.execute()).toBe("story");
  expect(await SoraServices.named("ECHO").do("say").execute()).toMatch(/^[a-z0-9]+$/);
  expect((await SoraServices.all()).map(status => status.name)).toEqual(["Echo"]);
});

test("SoraServices does not choose between two hosts, but inside a service the call goes to its own", async () => {
  await using first = await createTestHost({ services: [echo, caller], seed: 1, name: "first" });
  await using second = await createTestHost({ services: [echo, caller], seed: 2, name: "second" });
  await expect(SoraServices.of(echo).do("say").execute()).rejects.toMatchObject({
    code: "SORA_HOST_AMBIGUOUS",
    message: expect.stringContaining("first, second"),
  });
  const [own, seen] = (await second.services(caller).do("who-am-i").execute()) as [string, string];
  expect(seen).toBe(own);
  await first.services(caller).do("ask").execute();
  expect((await first.services(echo).query().getInfo()).actions[0]?.calls).toBe(1);
  expect((await second.services(echo).query().getInfo()).actions[0]?.calls).toBe(1);
});

test("a stopped host is no longer found", async () => {
  const host = await createTestHost({ services: [echo] });
  await host.stop();
  await expect(SoraServices.of(echo).do("say").execute()).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
  await expect(host.services(echo).do("say").execute()).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
});

test("calls leave the storages of other libraries as they are", async () => {
  const other = new AsyncLocalStorage<string>();
  const reader = defineService("Reader", { actions: { read: async () => [other.getStore(), await Promise.resolve().then(() => other.getStore())] } });
  await using host = await createTestHost({ services: [reader] });
  await other.run("mine", async () => {
    expect(await host.services(reader).do("read").execute()).toEqual(["mine", "mine"]);
    expect(other.getStore()).toBe("mine");
  });
  expect(other.getStore()).toBeUndefined();
});

test("with ambient flow off, nested calls go through the context and carry its story", async () => {
  const nested = defineService("Nested", { actions: { ask: async context => [context.correlationId, await context.services(echo).do("say").execute()] } });
  await using host = await createTestHost({ services: [echo, nested], ambientFlow: false });
  const [own, seen] = await host.services(nested).do("ask").execute();
  expect(seen).toBe(own);
});
