import { describe, expect, test } from "vitest";
import { runCommand } from "../fixtures/run-command.ts";
import { storedPlane } from "../fixtures/stored-plane.ts";

describe("outbox", () => {
  test("counts, and lists what could not be published", async () => {
    await using plane = await storedPlane();
    expect((await plane.run("outbox")).out).toBe("0 waiting, 0 dead.\n");
    await plane.host.outbox.append("OrderPlaced", 1);
    await plane.host.clock.advance("5s");
    expect((await plane.run("outbox")).out).toBe(`\
SEQUENCE  TOPIC        FAILURES  WRITTEN  CAUSE
       1  OrderPlaced         1  5s ago   Error: 404

0 waiting, 1 dead.
`);
  });

  test("retry takes all, or numbers, and ends with 1 where one of those is not dead", async () => {
    await using plane = await storedPlane();
    for (const order of [1, 2, 3]) await plane.host.outbox.append("OrderPlaced", order);
    await plane.host.clock.advance("5s");
    const [one, two, three] = (await plane.host.outbox.dead()).map(({ sequence }) => String(sequence)) as [string, string, string];
    expect(await plane.run("outbox", "retry", one, "999")).toEqual({ status: 1, out: "1 message is tried again; 1 of those named is not dead.\n", err: "" });
    expect(await plane.run("outbox", "retry", two, three)).toEqual({ status: 0, out: "2 messages are tried again.\n", err: "" });
    expect(await plane.run("outbox", "retry", "999")).toMatchObject({ status: 1, out: "There is no dead message 999.\n" });
    expect(await plane.run("outbox", "retry", "998", "999")).toMatchObject({ status: 1, out: "There are no dead messages of these.\n" });
    expect(await plane.run("outbox", "retry")).toMatchObject({ status: 0, out: "There are no dead messages.\n" });
    await plane.host.clock.advance("5s"); // they die again
    expect(await plane.run("outbox", "retry")).toMatchObject({ status: 0, out: "3 messages are tried again.\n" });
    expect((await runCommand(["outbox", "retry", "x"])).status).toBe(2);
  });
});
