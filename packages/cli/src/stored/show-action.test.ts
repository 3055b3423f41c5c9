import { describe, expect, test } from "vitest";
import { Billing, Mail, storedPlane } from "../fixtures/stored-plane.ts";

describe("actions show", () => {
  test("tells a fact a line, and the cause of a failure", async () => {
    await using plane = await storedPlane();
    const { id } = await plane.host.services(Billing).do("charge", {}).withKey("7").withCorrelationId("c1").enqueue();
    await plane.host.clock.advance("1m");
    expect((await plane.run("actions", "show", id)).out).toBe(`\
${id}  dead
  action          Billing.charge
  attempts        1 of 1
  key             7
  correlation id  c1
  stored          1m ago, at 2026-01-01T12:00:00.000Z
  started         1m ago, at 2026-01-01T12:00:00.000Z
  finished        1m ago, at 2026-01-01T12:00:00.000Z
  progress        {"step":1}
  cause           Error: the bank does not answer\\u001b[2J, 1m ago
`);
    expect(JSON.parse((await plane.run("actions", "show", id, "--json")).out)).toMatchObject({ id, state: "dead", key: "7", progress: { step: 1 } });
  });

  test("tells the result, and what it was called with where the host does", async () => {
    await using plane = await storedPlane();
    const { id } = await plane.host.services(Mail).do("send", { to: "ada\n" }).withPriority(5).withCorrelationId("c1").enqueue();
    await plane.host.clock.settle();
    expect((await plane.run("actions", "show", id)).out).toBe(`\
${id}  completed
  action          Mail.send
  version         2
  parameters      {"to":"ada\\n"}
  attempts        1 of 3
  priority        5
  correlation id  c1
  stored          now, at 2026-01-01T12:00:00.000Z
  started         now, at 2026-01-01T12:00:00.000Z
  finished        now, at 2026-01-01T12:00:00.000Z

{
  "sent": 2
}
`);
  });

  test("says that there is none of an id", async () => {
    await using plane = await storedPlane();
    expect(await plane.run("actions", "show", "a9")).toEqual({
      status: 1,
      out: "",
      err: 'sora: There is no stored action "a9". `sora actions` lists those there are; one is deleted when its retention is over. [SORA_ACTION_NOT_STORED]\n',
    });
  });
});
