import { describe, expect, test } from "vitest";
import { Billing, Mail, noon, storedPlane } from "../fixtures/stored-plane.ts";
import { runCommand } from "../fixtures/run-command.ts";

describe("actions", () => {
  test("is a table of stored actions, with the cause of those that failed", async () => {
    await using plane = await storedPlane();
    const dead = await plane.host.services(Billing).do("charge", {}).withKey("7").enqueue();
    await plane.host.clock.advance("1h");
    const delayed = await plane.host.services(Mail).do("send", {}).withPriority(5).withDelay("10m").enqueue();
    expect(await plane.run("actions")).toEqual({
      status: 0,
      err: "",
      out: `\
${"ID".padEnd(dead.id.length)}  STATE    ACTION          VERSION  ATTEMPT  PRIORITY  STORED  DUE     KEY  CAUSE
${delayed.id}  delayed  Mail.send             2      0/3         5  now     in 10m
${dead.id}  dead     Billing.charge        1      1/1         0  1h ago          7    Error: the bank does not answer\\u001b[2J
`,
    });
    expect((await plane.run("actions", "--state", "failed")).out).toBe("There are no stored actions of this kind.\n");
  });

  test("asks for those of a state, service and action, and says where the list goes on", async () => {
    await using plane = await storedPlane();
    for (const order of [1, 2]) await plane.host.services(Billing).do("charge", { order }).enqueue();
    await plane.host.services(Billing).do("refund").enqueue();
    await plane.host.clock.settle();
    const { out } = await plane.run("actions", "--state", "dead", "--service", "billing", "--action", "charge", "--limit", "1");
    const [, row, more = "", end] = out.split("\n");
    expect([row, end]).toEqual([expect.stringMatching(/^\w+ {2}dead {3}Billing\.charge /) as string, ""]);
    expect(more).toMatch(/^There are more: --cursor \d+$/);
    const rest = await plane.run("actions", "--state", "dead", "--cursor", more.split(" ").at(-1) ?? "", "--limit", "1");
    expect(rest.out.split("\n")).toHaveLength(3);
  });

  test("that are none because the host knows no such service or action say so", async () => {
    await using plane = await storedPlane();
    const told = async (...args: readonly string[]): Promise<string> => (await plane.run(...args)).out;
    const why = 'There is no service "Biling" on this host; did you mean "Billing"?';
    expect(await told("actions", "--service", "Biling")).toBe(`There are no stored actions of this kind. ${why}\n`);
    expect(await told("actions", "--service", "Billing")).toBe("There are no stored actions of this kind.\n");
    expect(await told("actions", "--service", "billing", "--action", "charge")).toBe("There are no stored actions of this kind.\n");
    expect(await told("actions", "--service", "Billing", "--action", "chrge")).toBe(
      'There are no stored actions of this kind. Billing has no action "chrge" on this host; it has charge, refund, slow.\n',
    );
    expect(await told("schedules", "--service", "Biling")).toBe(`There are no schedules made at run time for this service. ${why}\n`);
    expect(JSON.parse(await told("actions", "--service", "Biling", "--json"))).toEqual({ actions: [] });
  });

  test("is in JSON what the control plane answered", async () => {
    await using plane = await storedPlane();
    const { id } = await plane.host.services(Mail).do("send", {}).withDelay("10m").enqueue();
    expect(JSON.parse((await plane.run("actions", "--json")).out)).toMatchObject({ actions: [{ id, state: "delayed", dueAt: noon + 600_000 }] });
  });

  test.each<[readonly string[], string]>([
    [
      ["--state", "lost"],
      "sora: Option '--state <state>' argument 'lost' is invalid. Allowed choices are waiting, delayed, running, failed, completed, dead, cancelled. `sora actions --help` shows what there is.\n",
    ],
    [["--limit", "0"], "sora: Option '--limit <n>' argument '0' is invalid. It is a whole number from 1 to 1000. `sora actions --help` shows what there is.\n"],
    [["retry"], "sora: Missing required argument 'id'. `sora actions retry --help` shows what there is.\n"],
  ])("%j is bad usage", async (args, err) => {
    const told = await runCommand(["actions", ...args]);
    expect(told).toEqual({ status: 2, out: "", err });
  });
});
