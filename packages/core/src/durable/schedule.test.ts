import { describe, expect, test } from "vitest";
import { z } from "zod";
import { silentLogger } from "../logging/logger.ts";
import { defineService } from "../definition/define-service.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import type { Duration } from "../time/duration.ts";
import { recorder } from "./fixtures/recorder.ts";

describe("schedule", () => {
  test("enqueues the action at each tick until it is paused or removed", async () => {
    const { service, ran } = recorder();
    await using host = await createTestHost({ services: [service] });
    const made = await host.services(service).do("note", { name: "tick" }).schedule("often", { cron: "0 */2 * * *", timeZone: "Europe/Berlin" });
    expect(made).toMatchObject({ id: "often", service: "Recorder", action: "note", parameters: { name: "tick" }, nextAt: Date.parse("2026-01-01T01:00:00Z") });
    await host.clock.advance("6h");
    expect(ran.map(({ at }) => new Date(at).toISOString())).toEqual(["2026-01-01T01:00:00.000Z", "2026-01-01T03:00:00.000Z", "2026-01-01T05:00:00.000Z"]);
    await host.schedules.pause("often");
    await host.clock.advance("4h");
    expect(ran).toHaveLength(3);
    await host.schedules.resume("often");
    await host.services(service).do("note", { name: "hourly" }).schedule("often", { every: "1h" });
    await host.clock.advance("3h");
    expect(ran.map(({ name }) => name).slice(3)).toEqual(["hourly", "hourly", "hourly"]);
    expect(await host.schedules.list()).toMatchObject([{ id: "often", recurrence: { kind: "every", every: 3_600_000 } }]);
    await host.schedules.remove("often");
    await host.clock.advance("3h");
    expect(ran).toHaveLength(6);
    await expect(host.schedules.get("often")).rejects.toMatchObject({ code: "SORA_SCHEDULE_UNKNOWN" });
  });

  test("says of parameters that do not fit that it is the scheduling that cannot be done", async () => {
    const service = defineService("Shop", { actions: { ship: { parameters: z.object({ order: z.string() }), run: async () => {} } } });
    await using host = await createTestHost({ services: [service] });
    const scheduled = host
      .services(service)
      .do("ship", { order: 1 } as never)
      .schedule("daily", { every: "1d" });
    await expect(scheduled).rejects.toMatchObject({
      code: "SORA_PARAMETERS_INVALID",
      message: expect.stringMatching(/^Cannot schedule Shop\.ship: its parameters do not fit\./) as string,
    });
  });

  test("fires what is due though another cannot be fired, and says of that one so once", async () => {
    const { service, ran } = recorder();
    const store = createMemoryStore();
    await using host = await createTestHost({ services: [service], store });
    const at = host.clock.now() + 1_000;
    const broken = { service: "Recorder", action: "note", envelope: "{}", version: 1, priority: 0, attempts: 1, nextAt: at };
    await store.schedules.put({ ...broken, id: "newer", recurrence: '{"kind":"moon"}' });
    await store.schedules.put({ ...broken, id: "damaged", recurrence: "{" });
    await host.services(service).do("note", { name: "well" }).schedule("well", { every: "2s" });
    await host.clock.advance("5s");
    expect(ran.map(({ name }) => name)).toEqual(["well", "well"]);
    expect(host.logs.filter(({ message }) => message.includes("cannot be fired")).map(({ message }) => message.split(" ")[1])).toEqual(["newer", "damaged"]);
  });

  test("is listed beside one that is damaged, which is there with the cause, and mended by scheduling it anew", async () => {
    const { service } = recorder();
    const store = createMemoryStore();
    await using host = await createTestHost({ services: [service], store });
    const note = host.services(service).do("note", {});
    const well = { service: "Recorder", action: "note", envelope: "{}", version: 1, priority: 0, attempts: 1, recurrence: '{"kind":"every","every":1000}' };
    await store.schedules.put({ ...well, id: "a", recurrence: "{" });
    await store.schedules.put({ ...well, id: "b", recurrence: '{"kind":"cron","cron":"61 * * * *","timeZone":"UTC","misfire":"skip"}' });
    await store.schedules.put({ ...well, id: "c", recurrence: '{"kind":"moon"}' });
    await store.schedules.put({ ...well, id: "d", parameters: '{"card":"canary' });
    await note.schedule("e", { every: "1h" });
    const listed = await host.schedules.list();
    expect(listed.map(({ id, recurrence }) => [id, recurrence?.kind])).toEqual([
      ["a", undefined],
      ["b", undefined],
      ["c", undefined],
      ["d", "every"],
      ["e", "every"],
    ]);
    expect(listed.map(({ error }) => error)).toEqual([
      { message: expect.stringContaining("or is damaged"), code: "SORA_SCHEDULE_DAMAGED" },
      { message: expect.stringMatching(/^Cannot read when the schedule is due: Cannot read the cron expression "61 /), code: "SORA_SCHEDULE_DAMAGED" },
      { message: expect.stringContaining("newer version"), code: "SORA_SCHEDULE_DAMAGED" },
      { message: expect.stringContaining("Cannot read what the action is called with") },
      undefined,
    ]);
    expect(JSON.stringify(listed)).not.toContain("canary");
    for (const id of ["a", "b", "c"]) {
      await host.schedules.pause(id);
      await expect(host.schedules.resume(id)).rejects.toMatchObject({ code: "SORA_SCHEDULE_DAMAGED", fix: expect.stringContaining("the same id") });
      expect(await host.schedules.get(id)).toMatchObject({ paused: true });
    }
    await note.schedule("a", { every: "1h" });
    expect(await host.schedules.get("a")).not.toHaveProperty("error");
  });

  test("is listed by its service's name or definition", async () => {
    const { service } = recorder();
    const other = defineService("Other", { actions: { go: async () => {} } });
    await using host = await createTestHost({ services: [service, other] });
    await host.services(service).do("note", {}).schedule("a", { every: "1h" });
    await host.services(other).do("go").schedule("b", { every: "1h" });
    for (const [given, id] of [
      [service, "a"],
      [other, "b"],
      ["Other", "b"],
    ] as const)
      expect((await host.schedules.list({ service: given })).map(one => one.id)).toEqual([id]);
  });

  test("however many cannot be fired, the others are", async () => {
    const { service, ran } = recorder();
    const store = createMemoryStore();
    await using host = await createTestHost({ services: [service], store });
    await host.services(service).do("note", { name: "well" }).schedule("well", { every: "2s" });
    const broken = { service: "Notes", action: "note", envelope: "{}", version: 1, priority: 0, attempts: 1, recurrence: "{", nextAt: 1 };
    for (let n = 0; n < 250; n++) await store.schedules.put({ ...broken, id: `damaged ${n}` });
    await host.clock.advance("7s");
    expect(ran).toHaveLength(3);
    const complaints = (): number => host.logs.filter(({ message }) => message.includes("cannot be fired")).length;
    expect(complaints()).toBe(250);
    await host.clock.advance("10s");
    expect(complaints()).toBe(250);
  });

  test("is heard of by other hosts when it is made, changed or resumed", async () => {
    const { service, ran } = recorder();
    const [store, clock] = [createMemoryStore(), createVirtualClock()];
    await using maker = await createTestHost({ services: [service], store, clock, name: "maker", worker: false });
    await using _runner = await createTestHost({ services: [service], store, clock, name: "runner" });
    await clock.advance("1s");
    const schedule = (every: Duration): Promise<unknown> => maker.services(service).do("note", {}).schedule("s", { every });
    await schedule("2s");
    await clock.advance("2s");
    expect(ran).toHaveLength(1);
    await schedule("1s");
    await clock.advance("1s");
    expect(ran).toHaveLength(2);
    await maker.schedules.pause("s");
    await clock.advance("1m");
    await maker.schedules.resume("s");
    await clock.advance("1s");
    expect(ran).toHaveLength(3);
  });

  test("is due by the store's clock, whatever the host's says", async () => {
    const { service } = recorder();
    await using store = createMemoryStore();
    const clock = createVirtualClock();
    await store.open({ clock, logger: silentLogger });
    await using host = await createTestHost({ services: [service], store, clock: createVirtualClock({ start: clock.now() + 3_600_000 }) });
    const made = await host.services(service).do("note", { name: "tick" }).schedule("s", { every: "2s" });
    expect(made.nextAt).toBe(clock.now() + 2_000);
    await host.schedules.pause("s");
    await host.schedules.resume("s");
    expect((await host.schedules.get("s")).nextAt).toBe(clock.now() + 2_000);
  });

  test("refuses what is no schedule", async () => {
    const { service } = recorder();
    await using host = await createTestHost({ services: [service] });
    const call = host.services(service).do("note", {});
    await expect(call.schedule("s", { cron: "60 * * * *" })).rejects.toMatchObject({ code: "SORA_CRON_INVALID" });
    await expect(call.schedule("s", {} as never)).rejects.toMatchObject({ code: "SORA_OPTION_INVALID" });
    await expect(call.schedule("s", { every: "10ms" })).rejects.toMatchObject({ code: "SORA_OPTION_INVALID" });
    await expect(call.do("note", {}).schedule("s", { every: "1m" })).rejects.toMatchObject({ code: "SORA_OPTION_INVALID" });
  });
});
