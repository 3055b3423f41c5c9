import { describe, expect, test } from "vitest";
import { runCommand } from "../fixtures/run-command.ts";
import { Billing, Mail, storedPlane } from "../fixtures/stored-plane.ts";

describe("actions retry", () => {
  test("takes several, tells of each, and ends with 1 where one was left as it is", async () => {
    await using plane = await storedPlane();
    const { id: dead } = await plane.host.services(Billing).do("charge", {}).enqueue();
    const { id: running } = await plane.host.services(Billing).do("slow").enqueue();
    await plane.host.clock.settle();
    expect(await plane.run("actions", "retry", dead)).toEqual({ status: 0, out: `${dead} was dead, and is tried again.\n`, err: "" });
    await plane.host.clock.settle();
    expect(await plane.run("actions", "retry", running, "a9", dead)).toEqual({
      status: 1,
      out: `${running} is running, and is left as it is.\n${dead} was dead, and is tried again.\n`,
      err: expect.stringMatching(/^sora: There is no stored action "a9"\. .*\n$/) as string,
    });
  });

  test("is in JSON a list of what became of each, past what there is not and what can be no id", async () => {
    await using plane = await storedPlane();
    const { id } = await plane.host.services(Billing).do("charge", {}).enqueue();
    await plane.host.clock.settle();
    const { status, out, err } = await plane.run("--json", "actions", "retry", "a9", "..", id);
    expect([status, err]).toEqual([2, ""]);
    expect(JSON.parse(out)).toEqual([
      { id: "a9", error: expect.objectContaining({ code: "SORA_ACTION_NOT_STORED" }) as object },
      { id: "..", error: expect.objectContaining({ code: "SORA_CLI_USAGE" }) as object },
      { id, before: "dead", retried: true },
    ]);
  });

  test("stops at a host that does not answer", async () => {
    const told = await runCommand(["actions", "retry", "a1", "a2", "--url", "http://127.0.0.1:1"]);
    expect([told.status, told.out, told.err.match(/Nothing answers/g)?.length]).toEqual([1, "", 1]);
  });
});

describe("actions cancel", () => {
  test("tells what became of each, and ends with 1 where one has its outcome", async () => {
    await using plane = await storedPlane();
    const { id: delayed } = await plane.host.services(Mail).do("send", {}).withDelay("1h").enqueue();
    const { id: running } = await plane.host.services(Billing).do("slow").enqueue();
    await plane.host.clock.settle();
    expect(await plane.run("actions", "cancel", delayed, running)).toEqual({
      status: 0,
      out: `${delayed} is cancelled.\n${running} is under way; its worker was asked to cancel it.\n`,
      err: "",
    });
    expect(await plane.run("actions", "cancel", delayed)).toEqual({ status: 1, out: `${delayed} has its outcome already.\n`, err: "" });
  });
});
