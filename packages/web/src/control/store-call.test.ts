import { describe, expect, test } from "vitest";
import { defineService, SoraError, SoraServices } from "@sora/core";
import { createMemoryStore } from "@sora/core/testing";
import { storedStage, unsteadyStore } from "../fixtures/stored-stage.ts";
import { tokens, webStage } from "../fixtures/web-stage.ts";

const charge = "/api/services/Billing/actions/charge";
const later = { prefer: "respond-async" };

describe("POST …/actions/{action} with Prefer: respond-async", () => {
  test("stores the call, answers 202 at once, and the Location tells what becomes of it", async () => {
    await using stage = await storedStage();
    const accepted = await stage.ask("/api/services/billing/actions/slow", { method: "POST", headers: { ...later, "x-correlation-id": "c1" } });
    expect(accepted).toMatchObject({ status: 202, json: { id: expect.any(String), state: "waiting", correlationId: "c1" } });
    const location = accepted.headers.get("location") as string;
    expect([location, accepted.headers.get("preference-applied"), accepted.headers.get("x-correlation-id")]).toEqual([
      `/api/actions/${accepted.json.id}`,
      "respond-async",
      "c1",
    ]);
    await stage.host.clock.settle();
    expect((await stage.ask(location)).json).toMatchObject({ id: accepted.json.id, service: "Billing", action: "slow", state: "running", correlationId: "c1" });
    await stage.host.clock.advance("1h");
    expect((await stage.ask(location)).json).toMatchObject({ state: "completed", result: "slow" });
  });

  test("has it happen on another host, and after this one has gone", async () => {
    const store = createMemoryStore();
    const first = await storedStage({ host: { store, worker: false, name: "first" } });
    const { headers } = await first.ask(charge, { body: { order: "1" }, headers: later });
    await first.host.stop();
    await using second = await storedStage({ host: { store, name: "second" } });
    await second.host.clock.settle();
    expect((await second.ask(headers.get("location") as string)).json).toMatchObject({ state: "completed", result: { order: "1" } });
    expect(second.control.ran).toEqual(["1"]);
  });

  test("has it go on when the client does not wait even for the answer", async () => {
    await using stage = await storedStage();
    const client = new AbortController();
    const accepted = await stage.ask(charge, { body: { order: "1" }, headers: later, signal: client.signal });
    client.abort();
    await stage.host.clock.settle();
    expect((await stage.ask(accepted.headers.get("location") as string)).json.state).toBe("completed");
  });

  test("carries correlation and trace into it", async () => {
    await using stage = await storedStage();
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
    const asked = async (headers: Readonly<Record<string, string>>): Promise<unknown> => {
      const accepted = await stage.ask(charge, { body: { order: "1" }, headers: { ...later, ...headers } });
      await stage.host.clock.settle();
      return (await stage.ask(accepted.headers.get("location") as string)).json.result;
    };
    expect(await asked({ "x-correlation-id": "c1", traceparent, tracestate: "a=b" })).toEqual({
      order: "1",
      correlationId: "c1",
      metadata: { traceparent, tracestate: "a=b" },
    });
    expect(await asked({ traceparent })).toMatchObject({ correlationId: trace });
    expect(await asked({})).toMatchObject({ correlationId: expect.stringMatching(/^\w{10,}$/) as string, metadata: {} });
  });

  test("is told as a stream of events tells all that happens", async () => {
    await using stage = await storedStage();
    const response = await stage.web.fetch(new Request("http://127.0.0.1:4310/api/services/DurableActions/events"));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const { json } = await stage.ask(charge, { body: { order: "1" }, headers: { ...later, "x-correlation-id": "c1" } });
    await stage.host.clock.settle();
    let text = "";
    while (!text.includes("ActionCompleted")) text += Buffer.from((await reader.read()).value ?? []).toString("utf8");
    await reader.cancel();
    const told = Array.from(
      text.matchAll(/^data: (.*)$/gm),
      ([, data]) => JSON.parse(data as string) as { event?: string; args?: unknown; correlationId?: string },
    );
    expect(told.filter(({ event }) => event !== undefined).map(({ event, correlationId }) => [event, correlationId])).toEqual([
      ["ActionEnqueued", "c1"],
      ["ActionStarted", "c1"],
      ["ActionCompleted", "c1"],
    ]);
    expect(told.at(-1)?.args).toMatchObject({ id: json.id, service: "Billing", action: "charge", attempt: 1 });
  });

  test("refuses at once what can never run, and stores nothing", async () => {
    await using stage = await storedStage();
    const ask = (path: string, body: unknown) => stage.ask(path, { method: "POST", headers: later, body });
    expect(await ask(charge, { order: 1 })).toMatchObject({
      status: 400,
      json: { code: "SORA_PARAMETERS_INVALID", errors: [{ pointer: "/order" }], correlationId: expect.any(String) },
    });
    expect(await ask(charge, "{")).toMatchObject({ status: 400, json: { code: "SORA_BODY_INVALID" } });
    expect(await ask("/api/services/Biling/actions/charge", {})).toMatchObject({ status: 404, json: { code: "SORA_SERVICE_UNKNOWN", nearest: "Billing" } });
    expect(await ask("/api/services/Billing/actions/chrge", {})).toMatchObject({ status: 404, json: { code: "SORA_ACTION_UNKNOWN" } });
    expect(await ask("/api/services/Billing/actions/trigger", {})).toMatchObject({ status: 409, json: { code: "SORA_COMMAND_UNSUPPORTED" } });
    expect((await stage.ask("/api/actions")).json).toEqual({ actions: [] });
  });

  test("waits for a service that is stopped, and for one that another host will run", async () => {
    await using stage = await storedStage();
    await stage.host.stopService("Billing");
    const { headers } = await stage.ask(charge, { body: { order: "1" }, headers: later });
    await stage.host.clock.settle();
    expect((await stage.ask(headers.get("location") as string)).json.state).toBe("waiting");
    await stage.host.startService("Billing");
    await stage.host.clock.settle();
    expect((await stage.ask(headers.get("location") as string)).json.state).toBe("completed");
  });

  test("takes the commands that a service of its kind runs, under the name of an action", async () => {
    await using stage = await webStage();
    const accepted = await stage.ask("/api/services/Sweep/actions/trigger", { method: "POST", headers: later });
    await stage.host.clock.settle();
    expect((await stage.ask(accepted.headers.get("location") as string)).json).toMatchObject({ service: "Sweep", action: "trigger", state: "completed" });
    expect(stage.runs).toHaveLength(1);
  });

  test("makes the default store where there is none yet", async () => {
    await using stage = await webStage();
    const { headers } = await stage.ask("/api/services/Math/actions/add", { body: { a: 1, b: 2 }, headers: later });
    await stage.host.clock.settle();
    expect((await stage.ask(headers.get("location") as string)).json).toMatchObject({ state: "completed", result: { sum: 3 } });
    expect((await stage.ask("/api/services")).json.map(({ name }: { name: string }) => name)).toContain("DurableActions");
  });

  test("has it kept from running twice at once by nobody but its key, and told where it is mounted", async () => {
    await using stage = await storedStage({ prefix: "/sora" });
    const { headers } = await stage.ask(`/sora${charge}`, { body: { order: "1" }, headers: later });
    expect(headers.get("location")).toMatch(/^\/sora\/api\/actions\//);
  });

  test("gives 503 where the store cannot be reached, and runs nothing", async () => {
    const unsteady = unsteadyStore(() => new SoraError("SORA_STORE_UNAVAILABLE", "Cannot reach postgres://app:canary@db/app."));
    await using stage = await storedStage({ host: { store: unsteady.store } });
    unsteady.state = "fails";
    const ask = () => stage.ask(charge, { body: { order: "1" }, headers: { ...later, "idempotency-key": "k1" } });
    const refused = await ask();
    expect(refused).toMatchObject({ status: 503, json: { code: "SORA_STORE_UNAVAILABLE", retryable: true, correlationId: expect.any(String) } });
    expect(refused.text).not.toContain("canary");
    unsteady.state = "works";
    expect((await ask()).status).toBe(202); // the key may be sent again
    await stage.host.clock.advance("10s");
    expect(stage.control.ran).toEqual(["1"]);
  });
});

describe("options of a stored call", () => {
  test("delay, priority, attempts, deadline and key are kept with it", async () => {
    await using stage = await storedStage();
    const accepted = await stage.ask(`${charge}?delay=10m&priority=-3&attempts=7&key=account%207&deadline=1h`, { body: { order: "1" }, headers: later });
    expect(accepted.json.state).toBe("delayed");
    expect((await stage.ask(`/api/actions/${accepted.json.id}`)).json).toMatchObject({
      state: "delayed",
      priority: -3,
      attempts: 7,
      key: "account 7",
      dueAt: stage.host.clock.now() + 600_000,
    });
    await stage.host.clock.advance("599s");
    expect(stage.control.ran).toEqual([]);
    await stage.host.clock.advance("1s");
    expect(stage.control.ran).toEqual(["1"]);
  });

  test("the deadline is a dead end", async () => {
    await using stage = await storedStage();
    await stage.host.actions.pause("Billing");
    const { json } = await stage.ask(`${charge}?deadline=1s`, { body: { order: "1" }, headers: later });
    await stage.host.clock.advance("1m");
    await stage.host.actions.resume("Billing");
    await stage.host.clock.settle();
    expect((await stage.ask(`/api/actions/${json.id}`)).json).toMatchObject({ state: "dead", error: { code: "SORA_ACTION_EXPIRED" } });
  });

  test.each([
    ["delay=soon", "SORA_DURATION_INVALID"],
    ["delay=-1", "SORA_DURATION_INVALID"],
    ["delay=4000000000000", "SORA_OPTION_INVALID"],
    ["deadline=5%20fortnights", "SORA_DURATION_INVALID"],
    ["deadline=0", "SORA_OPTION_INVALID"],
    ["delay=1h&deadline=1m", "SORA_OPTION_INVALID"],
    ["key=", "SORA_OPTION_INVALID"],
    [`key=${"x".repeat(301)}`, "SORA_OPTION_INVALID"],
    ["priority=high", "SORA_REQUEST_INVALID"],
    ["priority=1e9", "SORA_REQUEST_INVALID"],
    ["attempts=0", "SORA_REQUEST_INVALID"],
    ["attempts=1.5", "SORA_REQUEST_INVALID"],
    ["delay=1s&delay=2s", "SORA_REQUEST_INVALID"],
    ["dealy=1s", "SORA_REQUEST_INVALID"],
  ])("%s is refused with 400", async (query, code) => {
    await using stage = await storedStage();
    expect(await stage.ask(`${charge}?${query}`, { body: { order: "1" }, headers: later })).toMatchObject({ status: 400, json: { code } });
    expect((await stage.ask("/api/actions")).json.actions).toEqual([]);
  });

  test("a wrong one that an action gives to a call of its own is its failure", async () => {
    const Careless = defineService("Careless", {
      actions: { again: async () => void (await SoraServices.named("Careless").do("again").withDelay("1h").withDeadline("1m").enqueue()) },
    });
    await using stage = await storedStage({ beside: [Careless] });
    expect(await stage.ask("/api/services/Careless/actions/again", { method: "POST" })).toMatchObject({ status: 500, json: { code: "SORA_OPTION_INVALID" } });
  });

  test("a command has none", async () => {
    await using stage = await webStage();
    expect(await stage.ask("/api/services/Sweep/trigger?delay=1s", { method: "POST", headers: later })).toMatchObject({
      status: 400,
      json: {
        code: "SORA_REQUEST_INVALID",
        detail: 'The query parameter "delay" cannot be used: there is none of this name, and this path takes none.',
      },
    });
    expect(stage.runs).toEqual([]);
  });

  test("a call that is waited for does not pass them over", async () => {
    await using stage = await storedStage();
    expect(await stage.ask(`${charge}?delay=10m`, { body: { order: "1" } })).toMatchObject({
      status: 400,
      json: { code: "SORA_REQUEST_INVALID", detail: expect.stringContaining("Prefer: respond-async") as string },
    });
    expect(stage.control.ran).toEqual([]);
  });
});

describe("Idempotency-Key of a stored call", () => {
  const keyed = (key: string, token?: string) => ({ headers: { ...later, "idempotency-key": key }, ...(token === undefined ? {} : { token }) });

  test("stores one action, whoever asks with it again, here or on another host, and says so", async () => {
    const store = createMemoryStore();
    const all = Object.entries(tokens).map(([scope, token]) => ({ name: scope, token, scope: scope as keyof typeof tokens }));
    await using one = await storedStage({ host: { store, name: "one" }, tokens: all });
    await using two = await storedStage({ host: { store, name: "two" }, tokens: all });
    const first = await one.ask(charge, { body: { order: "1" }, ...keyed("k1", tokens.operate) });
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    await one.host.clock.settle();
    for (const [stage, token] of [
      [one, tokens.operate],
      [one, tokens.admin],
      [two, tokens.operate],
    ] as const) {
      const again = await stage.ask(charge, { body: { order: "1" }, ...keyed("k1", token) });
      expect([again.status, again.json.id, again.json.correlationId, again.headers.get("location"), again.headers.get("idempotency-replayed")]).toEqual([
        202,
        first.json.id,
        first.json.correlationId,
        first.headers.get("location"),
        "true",
      ]);
    }
    expect((await two.ask(charge, { body: { order: "1" }, ...keyed("k1", tokens.operate) })).json.state).toBe("completed");
    expect([...one.control.ran, ...two.control.ran]).toEqual(["1"]);
  });

  test("is the key that code gives by withIdempotencyKey", async () => {
    await using stage = await storedStage();
    const { id } = await stage.host.services(stage.billing).do("charge", { order: "1" }).withIdempotencyKey("k1").enqueue();
    expect((await stage.ask(charge, { body: { order: "1" }, ...keyed("k1") })).json.id).toBe(id);
  });

  test("refuses another body with 422, however long ago the first came", async () => {
    await using stage = await storedStage();
    await stage.ask(charge, { body: { order: "1" }, ...keyed("k1") });
    const other = () => stage.ask(charge, { body: { order: "2" }, ...keyed("k1") });
    expect(await other()).toMatchObject({ status: 422, json: { code: "SORA_IDEMPOTENCY_MISMATCH" } });
    await stage.host.clock.advance("11m");
    expect(await other()).toMatchObject({ status: 422, json: { code: "SORA_IDEMPOTENCY_MISMATCH" } });
    expect(stage.control.ran).toEqual(["1"]);
  });

  test("is free once the action is no longer kept: the call is stored anew, and a 202 is never given for what is not there", async () => {
    await using stage = await storedStage({ host: { store: createMemoryStore(), worker: { retention: { completed: 0 } } } });
    const ids: unknown[] = [];
    for (const _ of [1, 2]) {
      const accepted = await stage.ask(charge, { body: { order: "1" }, ...keyed("k1") });
      expect([accepted.status, accepted.headers.get("idempotency-replayed")]).toEqual([202, null]);
      expect((await stage.ask(accepted.headers.get("location") as string)).status).toBe(200);
      await stage.host.clock.advance("5m");
      expect((await stage.ask(accepted.headers.get("location") as string)).status).toBe(404);
      ids.push(accepted.json.id);
    }
    expect([new Set(ids).size, stage.control.ran]).toEqual([2, ["1", "1"]]);
  });

  test("tells the state of now, on every host, however the same parameters are written", async () => {
    const store = createMemoryStore();
    await using one = await storedStage({ host: { store, name: "one" } });
    await using two = await storedStage({ host: { store, name: "two", worker: false } });
    await one.ask(charge, { body: '{"order":"1","card":"7"}', ...keyed("k1") });
    await one.host.clock.settle();
    for (const stage of [one, two])
      for (const body of ['{ "order": "1", "card": "7" }', '{"card":"7","order":"\\u0031"}'])
        expect(await stage.ask(charge, { body, ...keyed("k1") })).toMatchObject({ status: 202, json: { state: "completed" } });
    for (const stage of [one, two]) expect((await stage.ask(charge, { body: '{"order":"1"}', ...keyed("k1") })).status).toBe(422);
    expect(one.control.ran).toEqual(["1"]);
  });

  test("ties a call that is waited for to one that was not, while it is stored and after, but not to what could not be stored", async () => {
    await using stage = await storedStage();
    await stage.host.actions.pause("Billing");
    const waited = () => stage.ask(charge, { body: { order: "1" }, headers: { "idempotency-key": "k1" } });
    const stored = () => stage.ask(charge, { body: { order: "1" }, ...keyed("k1") });
    expect((await stage.ask(charge, { body: { order: 1 }, ...keyed("k1") })).status).toBe(400);
    const [first, second] = await Promise.all([stored(), waited()]);
    const third = await waited();
    expect([first.status, second.status, third.status, third.headers.get("idempotency-replayed")]).toEqual([202, 202, 202, "true"]);
    expect([second.json.id, third.json.id]).toEqual([first.json.id, first.json.id]);
    expect((await stage.ask(charge, { body: { order: "2" }, headers: { "idempotency-key": "k1" } })).status).toBe(422);
    await stage.host.actions.resume("Billing");
    await stage.host.clock.settle();
    expect(stage.control.ran).toEqual(["1"]);
    expect((await stage.ask(charge, { body: { order: 2 }, ...keyed("k2") })).status).toBe(400);
    expect((await stage.ask(charge, { body: { order: "2" }, headers: { "idempotency-key": "k2" } })).status).toBe(200);
  });

  test("ties a call that is not waited for to one that was, for as long as answers are kept", async () => {
    await using stage = await storedStage();
    const waited = await stage.ask(charge, { body: { order: "1" }, headers: { "idempotency-key": "k1" } });
    const again = await stage.ask(charge, { body: { order: "1" }, ...keyed("k1") });
    expect([waited.status, again.status, again.json, again.headers.get("idempotency-replayed")]).toEqual([200, 200, waited.json, "true"]);
    expect(stage.control.ran).toEqual(["1"]);
  });

  test("has 255 characters at most", async () => {
    await using stage = await storedStage();
    expect((await stage.ask(charge, { body: { order: "1" }, ...keyed("x".repeat(255)) })).status).toBe(202);
    expect(await stage.ask(charge, { body: { order: "1" }, ...keyed("x".repeat(256)) })).toMatchObject({ status: 400, json: { code: "SORA_REQUEST_INVALID" } });
  });
});

test("a command that a service handles by itself is stored and run like an action", async () => {
  const seen: string[] = [];
  const Handler = defineService("Handler", { handleCommand: command => void seen.push(command.constructor.name) });
  await using stage = await storedStage({ beside: [Handler] });
  const accepted = await stage.ask("/api/services/Handler/actions/trigger", { method: "POST", headers: later });
  await stage.host.clock.settle();
  expect((await stage.ask(accepted.headers.get("location") as string)).json.state).toBe("completed");
  expect(seen).toEqual(["TriggerNowCommand"]);
});
