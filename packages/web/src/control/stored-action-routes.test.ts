import { describe, expect, test } from "vitest";
import { defineService } from "@sora/core";
import { createMemoryStore } from "@sora/core/testing";
import { z } from "zod";
import { storedStage, unsteadyStore } from "../fixtures/stored-stage.ts";
import { webStage } from "../fixtures/web-stage.ts";

const post = { method: "POST" };
const ids = (answer: { readonly json: { readonly actions: readonly { readonly id: string }[] } }): string[] => answer.json.actions.map(({ id }) => id);

describe("GET /api/actions", () => {
  test("lists stored actions, the last stored first, by each of the seven states, service and action", async () => {
    await using stage = await storedStage();
    const billing = stage.host.services(stage.billing);
    const enqueued: Record<string, string> = {};
    enqueued["completed"] = (await billing.do("nothing").enqueue()).id;
    stage.control.broken = true;
    enqueued["dead"] = (await billing.do("charge", { order: "1" }).enqueue()).id;
    enqueued["failed"] = (await billing.do("charge", { order: "2" }).withRetry({ attempts: 2, delay: "1h" }).enqueue()).id;
    enqueued["running"] = (await billing.do("slow").enqueue()).id;
    enqueued["delayed"] = (await billing.do("nothing").withDelay("1h").enqueue()).id;
    const cancelled = await billing.do("nothing").withDelay("1h").enqueue();
    enqueued["cancelled"] = cancelled.id;
    await cancelled.cancel();
    await stage.host.clock.settle();
    await stage.host.actions.pause("Billing");
    enqueued["waiting"] = (await billing.do("nothing").enqueue()).id;

    for (const [state, id] of Object.entries(enqueued)) {
      const answer = await stage.ask(`/api/actions?state=${state}`);
      expect([state, answer.status, answer.json.actions.length, answer.json.actions[0]]).toEqual([state, 200, 1, expect.objectContaining({ id, state })]);
    }
    expect(ids(await stage.ask("/api/actions"))).toEqual(
      ["waiting", "cancelled", "delayed", "running", "failed", "dead", "completed"].map(state => enqueued[state]),
    );
    expect(ids(await stage.ask("/api/actions?action=charge&service=BILLING"))).toEqual([enqueued["failed"], enqueued["dead"]]);
    expect(ids(await stage.ask("/api/actions?service=Gone"))).toEqual([]);
  });

  test("gives pages of `limit`, each with the cursor of the next", async () => {
    await using stage = await storedStage();
    const enqueued: string[] = [];
    for (let n = 0; n < 5; n++) enqueued.unshift((await stage.host.services(stage.billing).do("nothing").enqueue()).id);
    const seen: string[] = [];
    let next: string | undefined;
    const sizes: number[] = [];
    do {
      const answer = await stage.ask(`/api/actions?limit=2${next === undefined ? "" : `&cursor=${next}`}`);
      sizes.push(answer.json.actions.length);
      seen.push(...ids(answer));
      next = answer.json.next;
    } while (next !== undefined);
    expect([seen, sizes]).toEqual([enqueued, [2, 2, 1]]);
  });

  test.each([
    ["state=lost", /"state".*waiting, delayed, running, completed, failed, dead, cancelled/],
    ["state=", /"state"/],
    ["state=dead&state=dead", /"state".*twice/],
    ["sate=dead", /"sate".*state, service, action, limit, cursor/],
    ["limit=0", /"limit".*1 to 1,000/],
    ["limit=1001", /"limit"/],
    ["limit=1e2", /"limit"/],
    ["service=a%2Fb", /"service"/],
    ["action=%00", /"action"/],
    [`__proto__=1`, /"__proto__"/],
  ])("refuses %s with 400", async (query, detail) => {
    await using stage = await storedStage();
    expect(await stage.ask(`/api/actions?${query}`)).toMatchObject({
      status: 400,
      json: { code: "SORA_REQUEST_INVALID", detail: expect.stringMatching(detail) as string },
    });
  });

  test("refuses a cursor that no page gave", async () => {
    await using stage = await storedStage();
    expect(await stage.ask("/api/actions?cursor=x")).toMatchObject({ status: 400, json: { code: "SORA_OPTION_INVALID" } });
  });
});

describe("GET /api/actions/{id}", () => {
  test("tells where it stands, and never what it was called with", async () => {
    await using stage = await storedStage();
    stage.control.broken = true;
    const { id } = await stage.host.services(stage.billing).do("charge", { order: "canaryOrder", card: "canaryCard" }).withCorrelationId("c1").enqueue();
    await stage.host.clock.advance("1s");
    const answer = await stage.ask(`/api/actions/${id}`);
    expect(answer).toMatchObject({
      status: 200,
      json: {
        id,
        service: "Billing",
        action: "charge",
        version: 1,
        state: "dead",
        attempt: 1,
        attempts: 1,
        correlationId: "c1",
        cancelRequested: false,
        error: { message: "Error: the bank at https://***@bank.example does not answer", attempt: 1 },
      },
    });
    expect(answer.text).not.toContain("canary");
    expect((await stage.ask("/api/actions")).text).not.toContain("canary");
  });

  test("tells what it was called with where the action's own definition says so, without secrets, and nowhere else", async () => {
    const open = defineService("Open", {
      actions: { send: { visibleParameters: true, parameters: z.unknown(), run: async (given: unknown) => given === 0 }, quiet: async () => {} },
    });
    const store = createMemoryStore();
    await using stage = await storedStage({ beside: [open], host: { store } });
    const given = { to: "ada", password: "canary", at: new Date(0), url: "https://app:canary@example.test" };
    const sent = await stage.ask("/api/services/Open/actions/send", { body: JSON.stringify(given), headers: { prefer: "respond-async" } });
    const { id: chain } = await stage.host.services(open).do("send", 0).do("quiet").enqueue();
    await stage.host.clock.settle();
    const shown = await stage.ask(sent.headers.get("location") as string);
    expect(shown.json).toMatchObject({
      state: "completed",
      parameters: { to: "ada", password: "***", at: "1970-01-01T00:00:00.000Z", url: "https://***@example.test" },
      result: false,
    });
    expect((await stage.ask(`/api/actions/${chain}.1`)).json).toMatchObject({ parameters: 0, result: true });
    expect((await stage.ask(`/api/actions/${chain}`)).json).not.toHaveProperty("parameters");
    expect((await stage.ask("/api/actions")).text + shown.text).not.toContain("canary");
    expect((await stage.ask("/api/actions")).text).not.toContain("parameters");
    // a host that does not know the action does not know whether it may
    await using other = await storedStage({ host: { store, worker: false } });
    expect((await other.ask(sent.headers.get("location") as string)).json).not.toHaveProperty("parameters");
  });

  test("tells what its handler last told, without secrets", async () => {
    await using stage = await storedStage();
    const { id } = await stage.host.services(stage.billing).do("slow").enqueue();
    await stage.host.clock.advance("1s");
    expect((await stage.ask(`/api/actions/${id}`)).json).toMatchObject({ state: "running", progress: { step: 1, password: "***" } });
  });

  test("holds the result of one that has completed, and none where it returned nothing", async () => {
    await using stage = await storedStage();
    const service = stage.host.services(stage.billing);
    const [charge, nothing] = [await service.do("charge", { order: "7" }).enqueue(), await service.do("nothing").enqueue()];
    await stage.host.clock.settle();
    expect((await stage.ask(`/api/actions/${charge.id}`)).json).toMatchObject({ state: "completed", result: { order: "7" }, finishedAt: expect.any(Number) });
    expect((await stage.ask(`/api/actions/${nothing.id}`)).json).not.toHaveProperty("result");
  });

  test("writes a result as the answer of a call does: dates, bigints, maps, bytes", async () => {
    const service = defineService("Odd", {
      actions: { odd: async () => ({ at: new Date(0), big: 2n ** 64n, map: new Map([["a", 1]]), bytes: new Uint8Array([1, 2]), none: Number.NaN }) },
    });
    await using stage = await storedStage({ host: { services: [service] } });
    const { id } = await stage.host.services(service).do("odd").enqueue();
    await stage.host.clock.settle();
    expect((await stage.ask(`/api/actions/${id}`)).json.result).toEqual({
      at: "1970-01-01T00:00:00.000Z",
      big: "18446744073709551616",
      map: { a: 1 },
      bytes: "AQI=",
      none: null,
    });
  });

  test("tells of a chain by its own id, and of its steps by theirs", async () => {
    await using stage = await storedStage();
    const chain = await stage.host.services(stage.billing).do("nothing").do("charge", { order: "1" }).enqueue();
    await stage.host.clock.settle();
    expect((await stage.ask(`/api/actions/${chain.id}`)).json).toMatchObject({ id: `${chain.id}.2`, state: "completed", result: [null, { order: "1" }] });
    expect((await stage.ask(`/api/actions/${chain.id}.1`)).json).toMatchObject({ id: `${chain.id}.1`, action: "nothing" });
  });

  test("tells of a chain that has completed, though the results of its first steps are no longer kept", async () => {
    await using stage = await storedStage({ host: { worker: { retention: { completed: "1h" } } } });
    const { id } = await stage.host.services(stage.billing).do("nothing").do("nothing").withDelay("2h").enqueue();
    await stage.host.clock.advance("30m");
    expect((await stage.ask(`/api/actions/${id}`)).json).toMatchObject({ id: `${id}.2`, state: "delayed" });
    await stage.host.clock.advance("100m");
    const { status, json } = await stage.ask(`/api/actions/${id}`);
    expect([status, json.id, json.state, "result" in json]).toEqual([200, `${id}.2`, "completed", false]);
  });

  test("gives 404 for what is not stored, and 400 for what can be no id", async () => {
    await using stage = await storedStage();
    for (const [path, method] of [
      ["", "GET"],
      ["/cancel", "POST"],
      ["/retry", "POST"],
    ] as const) {
      expect(await stage.ask(`/api/actions/none${path}`, { method })).toMatchObject({
        status: 404,
        json: { code: "SORA_ACTION_NOT_STORED", retryable: false },
      });
      for (const id of ["a%20b", "%C3%A4", "x".repeat(201), "a;b"])
        expect(await stage.ask(`/api/actions/${id}${path}`, { method })).toMatchObject({ status: 400, json: { code: "SORA_REQUEST_INVALID" } });
    }
  });
});

describe("POST /api/actions/{id}/cancel", () => {
  test("cancels what waits, asks for what runs, and leaves what has its outcome", async () => {
    await using stage = await storedStage();
    const service = stage.host.services(stage.billing);
    const [waiting, running] = [await service.do("nothing").withDelay("1h").enqueue(), await service.do("slow").enqueue()];
    await stage.host.clock.settle();
    expect((await stage.ask(`/api/actions/${waiting.id}/cancel`, post)).json).toEqual({ id: waiting.id, outcome: "cancelled" });
    expect((await stage.ask(`/api/actions/${running.id}/cancel`, post)).json).toEqual({ id: running.id, outcome: "requested" });
    await stage.host.clock.advance("1s");
    expect((await running.status()).state).toBe("cancelled");
    expect((await stage.ask(`/api/actions/${running.id}/cancel`, post)).json).toEqual({ id: running.id, outcome: "finished" });
  });
});

describe("POST /api/actions/{id}/retry", () => {
  test("has a dead action tried again, with all its attempts, and leaves one that waits or is done", async () => {
    await using stage = await storedStage();
    stage.control.broken = true;
    const receipt = await stage.host.services(stage.billing).do("charge", { order: "1" }).enqueue();
    await stage.host.clock.settle();
    stage.control.broken = false;
    expect((await stage.ask(`/api/actions/${receipt.id}/retry`, post)).json).toEqual({ id: receipt.id, before: "dead", retried: true });
    expect(await receipt.result()).toMatchObject({ order: "1" });
    expect((await stage.ask(`/api/actions/${receipt.id}/retry`, post)).json).toEqual({ id: receipt.id, before: "completed", retried: false });
    expect(stage.control.ran).toEqual(["1", "1"]);
  });

  test("refuses one whose deadline is over, and leaves it with its cause", async () => {
    await using stage = await storedStage();
    stage.control.broken = true;
    const receipt = await stage.host.services(stage.billing).do("charge", { order: "1" }).withDeadline("1m").enqueue();
    await stage.host.clock.advance("2m");
    const before = await receipt.status();
    const { status, json } = await stage.ask(`/api/actions/${receipt.id}/retry`, post);
    expect([status, json.code, json.retryable]).toEqual([409, "SORA_ACTION_EXPIRED", false]);
    expect(json.fix).toContain("Enqueue it anew");
    expect(await receipt.status()).toEqual(before);
  });
});

describe("a host without a store", () => {
  test("answers questions without making one", async () => {
    await using stage = await webStage();
    expect(await stage.ask("/api/actions")).toMatchObject({ status: 200, json: { actions: [] } });
    expect(await stage.ask("/api/actions/x1")).toMatchObject({ status: 404, json: { code: "SORA_ACTION_NOT_STORED" } });
    expect(await stage.ask("/api/schedules")).toMatchObject({ status: 200, json: { schedules: [] } });
    expect(await stage.ask("/api/schedules/x1")).toMatchObject({ status: 404, json: { code: "SORA_SCHEDULE_UNKNOWN" } });
    expect(await stage.ask("/api/queues")).toMatchObject({ status: 200, json: { workers: 0, queues: [], paused: [] } });
    expect(await stage.ask("/api/outbox")).toMatchObject({ status: 200, json: { waiting: 0, dead: 0, messages: [] } });
    expect(await stage.ask("/api/outbox/retry", { body: { all: true } })).toMatchObject({ status: 200, json: { retried: 0 } });
    expect(stage.host.list().map(({ name }) => name)).toEqual(["Math", "Sweep"]);
  });
});

describe("a store that cannot be reached", () => {
  test("gives 503 and what to do, for every question and every change, without its secrets", async () => {
    const { SoraError } = await import("@sora/core");
    const unsteady = unsteadyStore(() => new SoraError("SORA_STORE_UNAVAILABLE", "Cannot reach postgres://app:canary@db:5432/app: the connection is refused."));
    await using stage = await storedStage({ host: { store: unsteady.store } });
    unsteady.state = "fails";
    const schedule = { service: "Billing", action: "nothing", every: "1h" };
    for (const [method, path, body] of [
      ["GET", "/api/actions"],
      ["GET", "/api/actions/a1"],
      ["POST", "/api/actions/a1/cancel"],
      ["POST", "/api/actions/a1/retry"],
      ["GET", "/api/queues"],
      ["POST", "/api/queues/Billing/pause"],
      ["GET", "/api/schedules"],
      ["GET", "/api/schedules/s1"],
      ["PUT", "/api/schedules/s1", schedule],
      ["DELETE", "/api/schedules/s1"],
      ["POST", "/api/schedules/s1/pause"],
      ["GET", "/api/outbox"],
      ["POST", "/api/outbox/retry", { all: true }],
    ] as const) {
      const answer = await stage.ask(path, { method, ...(body === undefined ? {} : { body }) });
      expect([method, path, answer.status, answer.json.code, answer.json.retryable, answer.headers.get("retry-after")]).toEqual([
        method,
        path,
        503,
        "SORA_STORE_UNAVAILABLE",
        true,
        "1",
      ]);
      expect(answer.json.detail).toContain("postgres://***@db:5432/app");
      expect(answer.text).not.toContain("canary");
    }
    unsteady.state = "works";
  });
});
