import { describe, expect, test } from "vitest";
import { storedStage, unsteadyStore } from "../fixtures/stored-stage.ts";
import { tokens } from "../fixtures/web-stage.ts";

const read = { token: tokens.read };
const options = { tokens: [{ name: "ops", token: tokens.read, scope: "read" as const }] };

describe("GET /health/ready on a host that was given a store", () => {
  test.each([
    ["refuses", "fails", /refused for \d+ s/],
    ["leaves a turn without an answer", "hangs", /waited for an answer of memory for \d+ s/],
  ] as const)("turns 503 once that %s for more than 5 s, names the worker, and is 200 again when it answers", async (_, state, why) => {
    const unsteady = unsteadyStore();
    await using stage = await storedStage({ ...options, host: { store: unsteady.store } });
    await stage.host.clock.advance("1s");
    expect(await stage.ask("/health/ready", read)).toMatchObject({ status: 200, json: { status: "healthy" } });

    unsteady.state = state; // which the worker finds out within 5 s, when it looks the next time
    await stage.host.clock.advance("4s");
    expect((await stage.ask("/health/ready", read)).status).toBe(200);
    await stage.host.clock.advance("4s");
    const unready = await stage.ask("/health/ready", read);
    expect(unready).toMatchObject({
      status: 503,
      json: { entries: { DurableActions: { status: "unhealthy", critical: true } }, reasons: ["critical service DurableActions is not ready"] },
    });
    expect(unready.headers.get("retry-after")).toBe("1");
    expect(unready.text).not.toContain("canary");
    const stranger = await stage.ask("/health/ready");
    expect([stranger.status, stranger.json]).toEqual([503, { status: unready.json.status, entries: {} }]);
    expect((await stage.ask("/health", read)).json.entries.DurableActions).toMatchObject({
      status: "unhealthy",
      description: expect.stringMatching(why) as string,
    });
    expect((await stage.ask("/health/live")).status).toBe(200);

    unsteady.state = "works";
    await stage.host.clock.advance("10s");
    expect((await stage.ask("/health/ready", read)).status).toBe(200);
    const receipt = await stage.host.services(stage.billing).do("charge", { order: "after" }).enqueue();
    expect(await receipt.result()).toMatchObject({ order: "after" });
  });

  test("turns 503 where the worker waits for its very first answer", async () => {
    const unsteady = unsteadyStore();
    unsteady.state = "hangs";
    await using stage = await storedStage({ ...options, host: { store: unsteady.store } });
    await stage.host.clock.advance("4s");
    expect((await stage.ask("/health/ready")).status).toBe(200);
    await stage.host.clock.advance("4s");
    expect(await stage.ask("/health/ready", read)).toMatchObject({ status: 503, json: { entries: { DurableActions: { status: "unhealthy" } } } });
    unsteady.state = "works";
    await stage.host.clock.advance("4s");
    expect((await stage.ask("/health/ready")).status).toBe(200);
  });
});
