import { describe, expect, test } from "vitest";
import { FakeControlPlane } from "../fixtures/fake-control-plane.ts";
import { runCommand } from "../fixtures/run-command.ts";
import { noon, Reports, storedPlane } from "../fixtures/stored-plane.ts";
import type { StoredPlane } from "../fixtures/stored-plane.ts";

/** One by a cron expression, of an id that is no word; and one by an interval, which is paused. */
async function schedulesOn({ host }: StoredPlane): Promise<void> {
  await host.services(Reports).do("send", {}).schedule("tenant/7", { cron: "0 15 * * *", timeZone: "Europe/Berlin" });
  await host.services(Reports).do("send", {}).schedule("hourly", { every: "90m" });
  await host.schedules.pause("hourly");
}

describe("schedules", () => {
  test("is a table of them", async () => {
    await using plane = await storedPlane();
    expect((await plane.run("schedules")).out).toBe("There are no schedules made at run time.\n");
    await schedulesOn(plane);
    expect((await plane.run("schedules")).out).toBe(`\
ID        ACTION        WHEN                      NEXT
hourly    Reports.send  every 90m                 paused
tenant/7  Reports.send  0 15 * * * Europe/Berlin  in 2h
`);
    const first = await plane.run("schedules", "--service", "reports", "--limit", "1");
    expect(first.out).toContain('There are more: --cursor "hourly"\n');
    expect((await plane.run("schedules", "--limit", "1", "--cursor", "hourly")).out).toMatch(/^ID .*\ntenant\/7 .*\n$/);
  });

  test("pause, resume and remove say what they have done", async () => {
    await using plane = await storedPlane();
    await schedulesOn(plane);
    expect((await plane.run("schedules", "pause", "tenant/7")).out).toBe("tenant/7 is paused.\n");
    expect(JSON.parse((await plane.run("schedules", "pause", "tenant/7", "--json")).out)).toMatchObject({ id: "tenant/7", cron: "0 15 * * *", paused: true });
    expect((await plane.run("schedules", "resume", "tenant/7")).out).toBe("tenant/7 goes on, in 2h.\n");
    expect((await plane.run("schedules", "remove", "tenant/7")).out).toBe("tenant/7 is removed.\n");
    expect(JSON.parse((await plane.run("schedules", "remove", "hourly", "--json")).out)).toEqual({ id: "hourly", removed: true });
    expect(await plane.run("schedules", "remove", "hourly")).toEqual({
      status: 1,
      out: "",
      err: 'sora: There is no schedule "hourly". `sora schedules` lists those there are. [SORA_SCHEDULE_UNKNOWN]\n',
    });
  });
});

describe("schedules set", () => {
  test("changes what is given, and leaves all else as it is", async () => {
    await using plane = await storedPlane();
    await plane.host.services(Reports).do("send", { to: "bob" }).schedule("tenant/7", { cron: "0 15 * * *", timeZone: "Europe/Berlin" });
    const set = async (...args: readonly string[]): Promise<unknown> => {
      expect(await plane.run("schedules", "set", "tenant/7", ...args)).toMatchObject({
        status: 0,
        out: expect.stringMatching(/^tenant\/7 is changed; it is due in /) as string,
      });
      return plane.host.schedules.get("tenant/7");
    };
    const cron = { kind: "cron", cron: "0 16 * * *", timeZone: "Europe/Berlin", misfire: "skip" };
    const known = { service: "Reports", action: "send", priority: 0, parameters: { to: "bob" } };
    expect(await set("--cron", "0 16 * * *")).toMatchObject({ ...known, recurrence: cron });
    expect(await set("--misfire", "3")).toMatchObject({ ...known, recurrence: { ...cron, misfire: { all: 3 } } });
    const interval = { kind: "every", every: 5_400_000, misfire: { all: 3 } };
    expect(await set("--every", "90m", "--priority", "-3")).toMatchObject({ ...known, priority: -3, recurrence: interval });
    expect(await set("--every", "5000")).toMatchObject({ ...known, priority: -3, recurrence: { ...interval, every: 5_000 } });
    expect(await set("Mail", "send", '{"to":"ada"}')).toMatchObject({
      service: "Mail",
      action: "send",
      parameters: { to: "ada" },
      priority: -3,
      recurrence: { ...interval, every: 5_000 },
    });
  });

  test("makes one that is not there, of a service and an action, and says when one is paused", async () => {
    await using plane = await storedPlane();
    expect(await plane.run("schedules", "set", "new", "Reports", "send", "--every", "1h")).toEqual({
      status: 0,
      out: "new is made; it is due in 1h.\n",
      err: "",
    });
    expect(await plane.host.schedules.get("new")).toMatchObject({ service: "Reports", action: "send", nextAt: noon + 3_600_000 });
    await plane.host.schedules.pause("new");
    expect((await plane.run("schedules", "set", "new", "--every", "2h")).out).toBe("new is changed, and is paused.\n");
  });

  test.each([
    [["--every", "5x"], "It is an interval such as 90s, 10m, 1.5h or 7d, or milliseconds, from 1s to 1000000d."],
    [["--every", "10ms"], "from 1s to 1000000d."],
    [["--every", "1h", "--cron", "0 3 * * *"], "Option '--every <interval>' cannot be used with option '--cron <expression>'."],
    [["--every", "1h", "--time-zone", "UTC"], "Option '--every <interval>' cannot be used with option '--time-zone <zone>'."],
    [["--misfire", "never"], "It is skip, once, or a whole number from 1 to 1000."],
    [["--misfire", "0"], "It is skip, once, or a whole number from 1 to 1000."],
  ])("asks for nothing where %j are given", async (args, why) => {
    await using plane = await FakeControlPlane.start({});
    const told = await runCommand(["schedules", "set", "tenant/7", ...args, "--url", plane.url]);
    expect(told).toMatchObject({ status: 2, out: "", err: expect.stringContaining(why) as string });
    expect(plane.requests).toEqual([]);
  });

  test.each<[readonly string[], string]>([
    [["--every", "1h"], "sora: There is no schedule none yet. Name a service and an action to make it, and say when by --cron or --every.\n"],
    [["Reports", "send"], "--cron or --every"],
    [[], "Nothing is said"],
    [["A", "b", "{x"], "is not JSON"],
    [["--priority", "high"], "whole number"],
  ])("with %j of one that is not there is bad usage", async (args, why) => {
    await using plane = await storedPlane();
    expect(await plane.run("schedules", "set", "none", ...args)).toMatchObject({ status: 2, out: "", err: expect.stringContaining(why) as string });
  });
});
