import { describe, expect, test } from "vitest";
import { FakeControlPlane } from "../fixtures/fake-control-plane.ts";
import { runCommand } from "../fixtures/run-command.ts";
import { noon, storedPlane } from "../fixtures/stored-plane.ts";

describe("do --enqueue", () => {
  test("stores the call and prints its id alone, the same for the same key", async () => {
    await using plane = await storedPlane();
    const call = ["do", "Mail", "send", '{"to":"ada"}', "--enqueue", "--idempotency-key", "once", "--correlation-id", "c1"];
    const { status, out, err } = await plane.run(...call);
    expect([status, err]).toEqual([0, ""]);
    const id = out.trim();
    expect(await plane.host.actions.receipt(id).status()).toMatchObject({ service: "Mail", action: "send", correlationId: "c1" });
    expect(await plane.host.actions.parameters(id)).toEqual({ to: "ada" });
    expect((await plane.run(...call)).out).toBe(`${id}\n`);
    const stored = JSON.parse((await plane.run("do", "Mail", "send", "{}", "--enqueue", "--correlation-id", "c2", "--json")).out) as object;
    expect(stored).toEqual({ id: expect.any(String) as string, state: "waiting", correlationId: "c2" });
  });

  test("says when, how often and in which order", async () => {
    await using plane = await storedPlane();
    const flags = ["--delay", "10m", "--deadline", "1h", "--key", "k 7", "--priority", "-3", "--attempts", "2"];
    const { out } = await plane.run("do", "Mail", "send", "{}", "--enqueue", ...flags);
    expect(await plane.host.actions.receipt(out.trim()).status()).toMatchObject({
      state: "delayed",
      dueAt: noon + 600_000,
      key: "k 7",
      priority: -3,
      attempts: 2,
    });
  });

  test.each(["abc", "1.5", "1000001", "--"])("takes no priority %s", async priority => {
    expect(await runCommand(["do", "Mail", "send", "--enqueue", `--priority=${priority}`])).toMatchObject({
      status: 2,
      err: expect.stringContaining("It is a whole number from -1000000 to 1000000.") as string,
    });
  });

  test.each([
    ["--delay", "xx", "It is an interval such as 90s, 10m, 1.5h or 7d, or milliseconds, from 0ms to 36500d."],
    ["--delay", "36501d", "from 0ms to 36500d."],
    ["--deadline", "0", "from 1ms to 36500d."],
    ["--deadline", "", "from 1ms to 36500d."],
    ["--key", "", "It is 1 to 300 characters."],
    ["--key", "k".repeat(301), "It is 1 to 300 characters."],
  ])("asks for nothing where %s is %j", async (option, value, why) => {
    await using plane = await FakeControlPlane.start({});
    const told = await runCommand(["do", "Mail", "send", "--enqueue", option, value, "--url", plane.url]);
    expect(told).toMatchObject({ status: 2, out: "", err: expect.stringContaining(why) as string });
    expect(plane.requests).toEqual([]);
  });

  test("is what --no-wait does, in a sentence", async () => {
    await using plane = await storedPlane();
    const told = await plane.run("do", "Mail", "draft", "--no-wait", "--correlation-id", "c1");
    expect(told.out).toMatch(/^Mail\.draft is stored as \w+, correlation id c1\.\n$/);
    expect((await plane.run("do", "Mail", "draft")).out).toBe("drafted\n");
  });

  test.each(["--delay", "--deadline", "--key", "--priority", "--attempts"])("is needed for %s", async flag => {
    expect(await runCommand(["do", "Mail", "send", flag, "1"])).toEqual({
      status: 2,
      out: "",
      err: `sora: ${flag} is for calls that are stored. Add --enqueue.\n`,
    });
  });
});
