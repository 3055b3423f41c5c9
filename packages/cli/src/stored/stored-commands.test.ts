import { actionStates } from "@sora/core/adapter";
import { limits } from "@sora/core/internal";
import { expect, test } from "vitest";
import { FakeControlPlane } from "../fixtures/fake-control-plane.ts";
import { runCommand } from "../fixtures/run-command.ts";
import { Billing, Mail, Reports, storedPlane } from "../fixtures/stored-plane.ts";
import { storedLimits } from "./stored-limits.ts";
import { storedStates } from "./stored-paint.ts";

test("storedStates are those of the core", () => {
  expect([...storedStates].toSorted()).toEqual([...actionStates].toSorted());
});

test("storedLimits are those of the core", () => {
  expect(limits).toMatchObject(storedLimits);
});

test.each([
  ["queues", "pause", "Mail", ".."],
  ["queues", "pause", ".."],
  ["actions", "retry", "."],
  ["actions", "cancel", ""],
  ["schedules", "remove", ".."],
  ["schedules", "set", ".", "--every", "1h"],
  ["do", "Mail", ".."],
  ["do", ".", "stop"],
  ["status", ".."],
])("%s %s %s %s asks for nothing, since dots would lead elsewhere", async (...args) => {
  await using plane = await FakeControlPlane.start({}); // which remembers what it was asked
  const { status, err } = await runCommand([...args, "--url", plane.url]);
  expect([status, plane.requests]).toEqual([2, []]);
  expect(err).toMatch(/^sora: ".{0,2}" is no name, and no id\. Give one that there is\.\n$/);
});

test("completion offers what can be done about stored work, states, services, and ids", async () => {
  await using plane = await storedPlane();
  const { id: dead } = await plane.host.services(Billing).do("charge", {}).enqueue();
  const { id: delayed } = await plane.host.services(Mail).do("send", {}).withDelay("1h").enqueue();
  await plane.host.services(Reports).do("send", {}).schedule("hourly", { every: "1h" });
  await plane.host.clock.settle();
  const candidates = async (...words: readonly string[]): Promise<string[]> => (await plane.run("complete", "--", ...words)).out.split("\n").slice(0, -1);
  expect((await candidates("actions", "")).map(line => line.split("\t")[0])).toEqual(["show", "retry", "cancel"]);
  expect(await candidates("actions", "--state", "d")).toEqual(["delayed", "dead"]);
  expect(await candidates("actions", "--service", "m")).toEqual(["Mail\tbackground, running"]);
  expect(await candidates("actions", "--limit", "")).toEqual([]);
  expect(await candidates("actions", "retry", "")).toEqual([`${dead}\tBilling.charge, dead`]);
  expect(await candidates("actions", "retry", dead, "")).toEqual([]);
  expect(await candidates("actions", "cancel", dead, "")).toEqual([`${delayed}\tMail.send, delayed`]);
  expect(await candidates("schedules", "pause", "h")).toEqual(["hourly\tReports.send"]);
  expect(await candidates("schedules", "set", "hourly", "m")).toEqual(["Mail\tbackground, running"]);
  expect(await candidates("schedules", "set", "hourly", "Mail", "s")).toEqual(["send\taction"]);
  expect(await candidates("queues", "pause", "m")).toEqual(["Mail\tbackground, running"]);
  expect((await candidates("do", "Mail", "send", "--en")).map(line => line.split("\t")[0])).toEqual(["--enqueue"]);
});
