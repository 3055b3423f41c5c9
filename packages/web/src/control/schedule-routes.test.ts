import { describe, expect, test } from "vitest";
import { createMemoryStore } from "@sora/core/testing";
import { storedStage } from "../fixtures/stored-stage.ts";
import type { Answer, Asking } from "../fixtures/web-stage.ts";

const daily = { service: "billing", action: "charge", parameters: { order: "canaryOrder" }, cron: "0 3 * * *", timeZone: "Europe/Berlin" };
const put = (body: unknown): Asking => ({ method: "PUT", body });
const post = { method: "POST" };

describe("PUT /api/schedules/{id}", () => {
  test("makes a schedule with 201 and changes it with 200, and what it says is enqueued when it says", async () => {
    await using stage = await storedStage();
    const made = await stage.ask("/api/schedules/tenant-7", put(daily));
    expect(made).toMatchObject({
      status: 201,
      json: {
        id: "tenant-7",
        service: "Billing",
        action: "charge",
        cron: "0 3 * * *",
        timeZone: "Europe/Berlin",
        misfire: "skip",
        paused: false,
        nextAt: Date.parse("2026-01-01T02:00:00Z"),
        createdAt: expect.any(Number),
      },
    });
    expect(made.text).not.toContain("canary");
    const changed = await stage.ask(
      "/api/schedules/tenant-7",
      put({ ...daily, cron: undefined, timeZone: undefined, every: "1h", misfire: { all: 3 }, priority: 7 }),
    );
    expect(changed).toMatchObject({ status: 200, json: { every: 3_600_000, misfire: { all: 3 } } });
    expect(changed.json).not.toHaveProperty("cron");
    await stage.host.clock.advance("150m");
    expect(stage.control.ran).toEqual(["canaryOrder", "canaryOrder"]);
    expect((await stage.host.actions.list()).actions).toMatchObject([{ priority: 7 }, { priority: 7 }]);
  });

  test("takes ids that people choose, slashes included", async () => {
    await using stage = await storedStage();
    for (const id of ["tenant/7", "Größe & mehr", "a b", "..x", "__proto__", "x".repeat(300), "100%"]) {
      const path = `/api/schedules/${encodeURIComponent(id)}`;
      expect([id, (await stage.ask(path, put(daily))).status]).toEqual([id, 201]);
      expect((await stage.ask(path)).json.id).toBe(id);
      expect((await stage.ask(`${path}/pause`, post)).json).toMatchObject({ id, paused: true });
      expect((await stage.ask(path, { method: "DELETE" })).status).toBe(204);
    }
    expect((await stage.ask(`/api/schedules/${"x".repeat(301)}`, put(daily))).status).toBe(400);
    for (const id of ["a%00b", "a%0Ab", "%FF"]) expect([id, (await stage.ask(`/api/schedules/${id}`, put(daily))).status]).toEqual([id, 404]);
  });

  test.each<[string, unknown, number, string, readonly string[]]>([
    ["no object", [], 400, "SORA_BODY_INVALID", [""]],
    ["an empty body", undefined, 400, "SORA_BODY_INVALID", [""]],
    ["nothing of what is needed", {}, 400, "SORA_BODY_INVALID", ["/service", "/action", ""]],
    ["members that there are none of", { ...daily, crom: "x", __proto: 1 }, 400, "SORA_BODY_INVALID", ["/crom", "/__proto"]],
    [
      "values of other types",
      { service: 1, action: "a b", cron: 5, timeZone: 1, misfire: 1, priority: 1.5 },
      400,
      "SORA_BODY_INVALID",
      ["/service", "/action", "/cron", "/timeZone", "/misfire", "/priority"],
    ],
    ["a cron expression that is none", { ...daily, cron: "60 * * * *" }, 400, "SORA_CRON_INVALID", []],
    ["a zone that is none", { ...daily, timeZone: "Mars/X" }, 400, "SORA_TIME_ZONE_INVALID", []],
    ["an interval that is none", { ...daily, cron: undefined, timeZone: undefined, every: "5 fortnights" }, 400, "SORA_DURATION_INVALID", []],
    ["an interval that is too short", { ...daily, cron: undefined, timeZone: undefined, every: 10 }, 400, "SORA_OPTION_INVALID", []],
    ["cron beside every", { ...daily, every: "1h" }, 400, "SORA_OPTION_INVALID", []],
    ["a policy that is none", { ...daily, misfire: "maybe" }, 400, "SORA_OPTION_INVALID", []],
    ["parameters that do not fit", { ...daily, parameters: { order: 1 } }, 400, "SORA_PARAMETERS_INVALID", ["/parameters/order"]],
    ["no parameters where they are needed", { ...daily, parameters: undefined }, 400, "SORA_PARAMETERS_INVALID", ["/parameters"]],
    ["a service that is not here", { ...daily, service: "Biling" }, 404, "SORA_SERVICE_UNKNOWN", []],
    ["an action that it has not", { ...daily, action: "chrage" }, 404, "SORA_ACTION_UNKNOWN", []],
  ])("refuses %s, and makes nothing", async (_, body, status, code, pointers) => {
    await using stage = await storedStage();
    const answer = await stage.ask("/api/schedules/s1", body === undefined ? { method: "PUT" } : put(body));
    expect([answer.status, answer.json.code, (answer.json.errors ?? []).map(({ pointer }: { pointer: string }) => pointer)]).toEqual([status, code, pointers]);
    expect(answer.text).not.toContain("canary");
    expect((await stage.ask("/api/schedules")).json).toEqual({ schedules: [] });
  });
});

describe("PUT of what GET has answered", () => {
  const path = "/api/schedules/tenant-7";

  test("changes nothing, and keeps the parameters that GET does not show", async () => {
    await using stage = await storedStage();
    await stage.ask(path, put({ ...daily, priority: 7, misfire: { all: 3 } }));
    const before = await stage.host.schedules.get("tenant-7");
    const { json } = await stage.ask(path);
    expect(json).not.toHaveProperty("parameters");
    expect(await stage.ask(path, put(json))).toMatchObject({ status: 200, json });
    expect(await stage.host.schedules.get("tenant-7")).toEqual(before);
    const changed = await stage.ask(path, put({ ...json, cron: "0 4 * * *" }));
    expect([changed.status, changed.text.includes("canary")]).toEqual([200, false]);
    await stage.host.clock.advance("1d");
    expect(stage.control.ran).toEqual(["canaryOrder"]);
    expect((await stage.host.actions.list()).actions).toMatchObject([{ priority: 7 }]);
  });

  test.each([
    ["another id", { id: "tenant-8" }, "/id"],
    ["a pause that there is not", { paused: true }, "/paused"],
    ["times that are none", { nextAt: "soon" }, "/nextAt"],
    ["a policy with more in it", { misfire: { all: 3, some: 1 } }, "/misfire"],
  ])("refuses %s", async (_, change, pointer) => {
    await using stage = await storedStage();
    await stage.ask(path, put(daily));
    const { json } = await stage.ask(path);
    expect(await stage.ask(path, put({ ...json, ...change }))).toMatchObject({ status: 400, json: { code: "SORA_BODY_INVALID", errors: [{ pointer }] } });
    expect((await stage.ask(path)).json).toEqual(json);
  });

  test("makes one that is gone meanwhile only where it says all that is needed", async () => {
    await using stage = await storedStage();
    await stage.ask(path, put(daily));
    const { json } = await stage.ask(path);
    await stage.ask(path, { method: "DELETE" });
    expect(await stage.ask(path, put(json))).toMatchObject({ status: 400, json: { code: "SORA_PARAMETERS_INVALID" } });
    expect((await stage.ask(path, put({ ...json, parameters: daily.parameters }))).status).toBe(201);
  });

  test("is 201 for one of those who make it at once", async () => {
    await using stage = await storedStage();
    const answers = await Promise.all(Array.from({ length: 5 }, () => stage.ask(path, put(daily))));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 201]);
  });
});

describe("schedules", () => {
  test("are listed beside one that is damaged, which says why, on the page too, and is mended by sending it back with a time", async () => {
    const store = createMemoryStore();
    await using stage = await storedStage({ host: { store } });
    await stage.ask("/api/schedules/well", put(daily));
    const known = await store.schedules.get("well");
    await store.schedules.put({ ...(known as NonNullable<typeof known>), id: "bad", recurrence: '{"kind":"cron","cron":"61 * * * *"}' });
    const error = { code: "SORA_SCHEDULE_DAMAGED", message: expect.stringContaining("61") };
    const listed = await stage.ask("/api/schedules");
    expect(listed).toMatchObject({
      status: 200,
      json: {
        schedules: [
          { id: "bad", error },
          { id: "well", cron: daily.cron },
        ],
      },
    });
    expect((await stage.ask("/")).text).toContain("damaged");
    const { json } = await stage.ask("/api/schedules/bad");
    expect(json).toMatchObject({ error });
    await stage.ask("/api/schedules/bad/pause", post);
    expect(await stage.ask("/api/schedules/bad/resume", post)).toMatchObject({ status: 409, json: { code: "SORA_SCHEDULE_DAMAGED" } });
    const mended = await stage.ask("/api/schedules/bad", put({ ...json, paused: true, cron: "0 4 * * *" }));
    expect([mended.status, mended.json.cron, mended.json.error]).toEqual([200, "0 4 * * *", undefined]);
  });

  test("are listed by id, in pages, of one service where that is asked", async () => {
    await using stage = await storedStage();
    for (const id of ["c", "a", "b"]) await stage.ask(`/api/schedules/${id}`, put(daily));
    const page = async (query: string): Promise<unknown> => {
      const { json } = await stage.ask(`/api/schedules?${query}`);
      return [json.schedules.map(({ id }: { id: string }) => id), json.next];
    };
    expect(await page("")).toEqual([["a", "b", "c"], undefined]);
    expect(await page("limit=2")).toEqual([["a", "b"], "b"]);
    expect(await page("limit=2&cursor=b")).toEqual([["c"], undefined]);
    expect(await page("limit=3")).toEqual([["a", "b", "c"], undefined]);
    expect(await page("service=BILLING")).toEqual([["a", "b", "c"], undefined]);
    expect(await page("service=Other")).toEqual([[], undefined]);
    expect((await stage.ask("/api/schedules")).text).not.toContain("canary");
    for (const query of ["cursor=%00", "limit=0", "service=a%20b", "state=dead", "limit=1&limit=1"])
      expect((await stage.ask(`/api/schedules?${query}`)).status).toBe(400);
  });

  test("are paused, resumed and removed", async () => {
    await using stage = await storedStage();
    await stage.ask("/api/schedules/s1", put({ ...daily, cron: undefined, timeZone: undefined, every: "1h" }));
    const paused = await stage.ask("/api/schedules/s1/pause", post);
    expect(paused).toMatchObject({ status: 200, json: { id: "s1", paused: true } });
    expect(paused.json).not.toHaveProperty("nextAt");
    await stage.host.clock.advance("3h");
    expect(stage.control.ran).toEqual([]);
    const now = stage.host.clock.now();
    expect((await stage.ask("/api/schedules/s1/resume", post)).json).toMatchObject({ paused: false, nextAt: now + 3_600_000 });
    await stage.host.clock.advance("61m");
    expect(stage.control.ran).toHaveLength(1);
    const gone = await stage.ask("/api/schedules/s1", { method: "DELETE" });
    expect([gone.status, gone.text]).toEqual([204, ""]);
    for (const [method, path] of [
      ["GET", ""],
      ["DELETE", ""],
      ["POST", "/pause"],
      ["POST", "/resume"],
    ] as const)
      expect((await stage.ask(`/api/schedules/s1${path}`, { method })) satisfies Answer).toMatchObject({
        status: 404,
        json: { code: "SORA_SCHEDULE_UNKNOWN" },
      });
  });
});
