import { CheckQueueCommand, defineService, delay, HealthReport, SoraServices, TriggerNowCommand } from "@sora/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { mathService, webStage } from "../fixtures/web-stage.ts";

const post = (body?: unknown, headers: Readonly<Record<string, string>> = {}) => ({ method: "POST", headers, ...(body === undefined ? {} : { body }) });

describe("the reference's five routes", () => {
  test("trigger, check-queue and process-batch do it and say so", async () => {
    await using stage = await webStage();
    const triggered = await stage.ask("/api/services/Sweep/trigger", post());
    expect(triggered).toMatchObject({ status: 200, json: { message: "Service 'Sweep' triggered successfully", correlationId: expect.any(String) } });
    expect(triggered.headers.get("x-correlation-id")).toBe(triggered.json.correlationId);
    expect(await stage.ask("/api/services/Sweep/check-queue", post())).toMatchObject({
      status: 200,
      json: { message: "Service 'Sweep' queue check triggered" },
    });
    expect(await stage.ask("/api/services/Sweep/process-batch", post({ batchSize: 50, filter: "high-priority" }))).toMatchObject({
      status: 200,
      json: { message: "Service 'Sweep' batch processed" },
    });
    expect(stage.runs).toHaveLength(3);
    expect(await stage.ask("/api/services/Sweep/process-batch", post({ batchSize: 0 }))).toMatchObject({
      status: 400,
      json: { code: "SORA_PARAMETERS_INVALID", errors: [{ pointer: "/batchSize" }] },
    });
    expect(await stage.ask("/api/services/Sweep/process-batch", post([]))).toMatchObject({ status: 400 });
  });

  test("a command that a service does not take gives 409 and what it takes", async () => {
    await using stage = await webStage();
    expect(await stage.ask("/api/services/Math/trigger", post())).toMatchObject({
      status: 409,
      json: { code: "SORA_COMMAND_UNSUPPORTED", supported: expect.arrayContaining(["StatusCommand"]) },
    });
  });

  test("a command that the service has as an action answers with its result", async () => {
    const service = defineService("Queue", { actions: { checkQueue: async () => ({ found: 3 }) } });
    await using stage = await webStage({ host: { services: [service] } });
    expect((await stage.ask("/api/services/Queue/check-queue", post())).json).toEqual({
      message: "Service 'Queue' queue check triggered",
      correlationId: expect.any(String),
      result: { found: 3 },
    });
  });

  test("status, health and info tell of one service, GET /api/services of all", async () => {
    await using stage = await webStage();
    expect((await stage.ask("/api/services/Math/status")).json).toMatchObject({
      name: "Math",
      kind: "background",
      state: "running",
      since: expect.any(Number),
      runs: expect.any(Number),
      inFlight: 0,
      waiting: 0,
      node: "test",
    });
    expect((await stage.ask("/api/services/Math/health")).json).toMatchObject({ name: "Math", status: "healthy", critical: false });
    expect((await stage.ask("/api/services/Math/info")).json).toMatchObject({
      name: "Math",
      description: "Adds",
      actions: expect.arrayContaining([expect.objectContaining({ name: "add", parameters: expect.objectContaining({ type: "object" }) })]),
    });
    expect((await stage.ask("/api/services")).json.map(({ name, state, node }: Record<string, unknown>) => [name, state, node])).toEqual([
      ["Math", "running", "test"],
      ["Sweep", "running", "test"],
    ]);
  });
});

describe("names in paths", () => {
  test("match whatever their case", async () => {
    await using stage = await webStage();
    expect((await stage.ask("/api/services/mATH/status")).json.name).toBe("Math");
    expect((await stage.ask("/api/services/MATH/actions/add", { body: { a: 1, b: 2 } })).json.result).toEqual({ sum: 3 });
  });

  test.each(["constructor", "__proto__", "toString", "hasOwnProperty", "prototype", "valueOf", "Mth"])("that are unknown, such as %s, give 404", async name => {
    await using stage = await webStage();
    expect(await stage.ask(`/api/services/${name}/status`)).toMatchObject({ status: 404, json: { code: "SORA_SERVICE_UNKNOWN" } });
    expect(await stage.ask(`/api/services/Math/actions/${name}`, post())).toMatchObject({ status: 404, json: { code: "SORA_ACTION_UNKNOWN" } });
  });

  test("that are unknown come with the nearest", async () => {
    await using stage = await webStage();
    expect((await stage.ask("/api/services/Mth/status")).json).toMatchObject({ nearest: "Math" });
    expect((await stage.ask("/api/services/Math/actions/ad", post())).json).toMatchObject({ nearest: "add", known: expect.arrayContaining(["add", "echo"]) });
  });

  test.each(["x".repeat(65), "x".repeat(201), "a%20b", "a.b", "%C3%A4", "a%3Bb", "a*"])("that nothing can have, such as %s, give 400", async name => {
    await using stage = await webStage();
    expect(await stage.ask(`/api/services/${name}/status`)).toMatchObject({ status: 400, json: { code: "SORA_REQUEST_INVALID" } });
    expect(await stage.ask(`/api/services/Math/actions/${name}`, post())).toMatchObject({ status: 400, json: { code: "SORA_REQUEST_INVALID" } });
    expect(await stage.ask(`/api/calls/${name}`)).toMatchObject({ status: 400 });
  });
});

describe("POST …/actions/{action}", () => {
  test("calls with the body as parameters and answers with the result and the correlation id", async () => {
    await using stage = await webStage();
    const answer = await stage.ask("/api/services/Math/actions/add", { body: { a: 2, b: 3 }, headers: { "x-correlation-id": "order-7" } });
    expect(answer).toMatchObject({ status: 200, json: { result: { sum: 5 }, correlationId: "order-7" } });
    expect(answer.headers.get("x-correlation-id")).toBe("order-7");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test("says what does not fit, by JSON pointer", async () => {
    await using stage = await webStage();
    const answer = await stage.ask("/api/services/Math/actions/add", { body: { a: "x" } });
    expect(answer).toMatchObject({
      status: 400,
      json: {
        code: "SORA_PARAMETERS_INVALID",
        retryable: false,
        correlationId: expect.any(String),
        errors: [{ pointer: "/a", message: expect.any(String) }, { pointer: "/b" }],
      },
    });
    expect(answer.headers.get("x-correlation-id")).toBe(answer.json.correlationId);
  });

  test("takes correlation from X-Correlation-Id, else from traceparent, else makes it", async () => {
    await using stage = await webStage();
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    const asked = async (headers: Readonly<Record<string, string>>) =>
      (await stage.ask("/api/services/Math/actions/who-am-i", post(undefined, headers))).json.result;
    expect(await asked({ "x-correlation-id": "c1", traceparent: `00-${trace}-00f067aa0ba902b7-01` })).toEqual({
      correlationId: "c1",
      metadata: { traceparent: `00-${trace}-00f067aa0ba902b7-01` },
    });
    expect(await asked({ traceparent: `00-${trace}-00f067aa0ba902b7-01`, tracestate: "a=b" })).toEqual({
      correlationId: trace,
      metadata: { traceparent: expect.any(String), tracestate: "a=b" },
    });
    expect(await asked({ traceparent: `01-${trace}-00f067aa0ba902b7-01-more` })).toMatchObject({ correlationId: trace });
    for (const traceparent of [
      "x",
      `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
      `00-${trace}-${"0".repeat(16)}-01`,
      `ff-${trace}-00f067aa0ba902b7-01`,
      `00-${trace}-00f067aa0ba902b7-01-more`,
      `00-${trace.toUpperCase()}-00f067aa0ba902b7-01`,
    ]) {
      expect(await asked({ traceparent })).toEqual({ correlationId: expect.not.stringContaining(trace), metadata: {} });
    }
    expect(await stage.ask("/api/services/Math/actions/nothing", post(undefined, { "x-correlation-id": "a b" }))).toMatchObject({
      status: 400,
      json: { code: "SORA_REQUEST_INVALID" },
    });
    expect(await stage.ask("/api/services/Math/actions/nothing", post(undefined, { "x-correlation-id": "x".repeat(201) }))).toMatchObject({ status: 400 });
  });

  test("cancels the call when its client goes away", async () => {
    await using stage = await webStage();
    const client = new AbortController();
    const asked = stage.ask("/api/services/Math/actions/wait", { method: "POST", signal: client.signal });
    await stage.host.clock.settle();
    client.abort();
    expect(await asked.catch(() => ({ status: 499 }))).toMatchObject({ status: 499 });
    expect(stage.seen.aborted).toBe(1);
  });

  test.each([
    ["SORA_SERVICE_UNAVAILABLE", 503, "stopped"],
    ["SORA_SERVICE_DISABLED", 409, "disabled"],
  ])("gives %s for a service that is not there", async (code, status, how) => {
    const service = defineService("Off", { enabled: how !== "disabled", actions: { run: async () => 1 } });
    await using stage = await webStage({ host: { services: [service] } });
    if (how === "stopped") await stage.host.stopService("Off");
    const answer = await stage.ask("/api/services/Off/actions/run", post());
    expect(answer).toMatchObject({ status, json: { code, retryable: status === 503 } });
    expect(answer.headers.get("retry-after")).toBe(status === 503 ? "1" : null);
  });

  test("gives 504 for one that takes too long", async () => {
    const service = defineService("Slow", { actions: { late: { timeout: "1s", run: async (_parameters: unknown, { delay }) => delay("1h") } } });
    await using stage = await webStage({ host: { services: [service] } });
    const late = stage.ask("/api/services/Slow/actions/late", post());
    await stage.host.clock.advance("2s");
    expect(await late).toMatchObject({ status: 504, json: { code: "SORA_ACTION_TIMEOUT" } });
  });

  test("shows an action's failure without its secrets and its stack", async () => {
    await using stage = await webStage();
    const answer = await stage.ask("/api/services/Math/actions/fail", post());
    expect(answer).toMatchObject({
      status: 500,
      json: { code: "SORA_ACTION_FAILED", title: "Internal Server Error", detail: "it went wrong: postgres://***@db/x", correlationId: expect.any(String) },
    });
    expect(answer.text).not.toMatch(/hunter2|\.ts|stack/);
  });

  test("answers a result that JSON does not have with a problem, and lives", async () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    const service = defineService("Odd", {
      actions: { circle: async () => circle, big: async () => ({ n: 2n ** 64n }), code: async () => ({ run: () => 1 }) },
    });
    await using stage = await webStage({ host: { services: [service] } });
    expect(await stage.ask("/api/services/Odd/actions/circle", post())).toMatchObject({
      status: 500,
      json: { code: "SORA_RESULT_NOT_SERIALIZABLE", detail: expect.stringContaining("$.self") },
    });
    expect(await stage.ask("/api/services/Odd/actions/code", post())).toMatchObject({ status: 500, json: { code: "SORA_RESULT_NOT_SERIALIZABLE" } });
    expect(await stage.ask("/api/services/Odd/actions/big", post())).toMatchObject({ status: 200, json: { result: { n: "18446744073709551616" } } });
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a circle", Object.assign(new Error("x"), { cause: globalThis })],
    [
      "a Proxy",
      new Proxy(new Error("x"), {
        get: () => {
          throw new Error("trap");
        },
      }),
    ],
  ])("answers an action that throws %s", async (_, thrown) => {
    const service = defineService("Odd", {
      actions: {
        fail: async () => {
          throw thrown;
        },
      },
    });
    await using stage = await webStage({ host: { services: [service] } });
    expect(await stage.ask("/api/services/Odd/actions/fail", post())).toMatchObject({ status: 500, json: { code: expect.stringMatching(/^SORA_/) } });
  });
});

describe("Prefer: respond-async", () => {
  const later = { prefer: "respond-async" };
  /** Takes commands, and the time a command says, or fails. */
  const commanded = () =>
    defineService("Queue", {
      supportedCommands: [TriggerNowCommand, CheckQueueCommand],
      handleCommand: async (command, signal) => {
        await delay("5s", signal);
        if (command instanceof CheckQueueCommand) throw new Error("it went wrong: postgres://user:hunter2@db/x");
      },
    });

  test("answers a command with 202 at once, and a Location where its outcome will be", async () => {
    await using stage = await webStage({ host: { services: [commanded()] } });
    const accepted = await stage.ask("/api/services/Queue/trigger", post(undefined, { ...later, "x-correlation-id": "c1" }));
    expect(accepted).toMatchObject({ status: 202, json: { id: expect.any(String), state: "running", correlationId: "c1" } });
    const location = accepted.headers.get("location") as string;
    expect([location, accepted.headers.get("preference-applied")]).toEqual([`/api/calls/${accepted.json.id}`, "respond-async"]);
    expect((await stage.ask(location)).json).toEqual({
      id: accepted.json.id,
      service: "Queue",
      action: "trigger",
      correlationId: "c1",
      state: "running",
      acceptedAt: expect.any(Number),
    });
    await stage.host.clock.advance("5s");
    expect((await stage.ask(location)).json).toMatchObject({ state: "completed", finishedAt: expect.any(Number) });
  });

  test("is seen among other preferences", async () => {
    await using stage = await webStage();
    const accepted = await stage.ask("/api/services/Sweep/trigger", post(undefined, { prefer: "return=minimal, Respond-Async;x=1" }));
    await stage.host.clock.settle();
    expect((await stage.ask(accepted.headers.get("location") as string)).json).toMatchObject({ service: "Sweep", action: "trigger", state: "completed" });
    expect((await stage.ask("/api/services/Sweep/trigger", post(undefined, { prefer: "no-respond-async" }))).status).toBe(200);
  });

  test("has a command go on when its client does, and tells of failures without a stack", async () => {
    await using stage = await webStage({ host: { services: [commanded()] } });
    const client = new AbortController();
    const accepted = await stage.ask("/api/services/Queue/trigger", { ...post(undefined, later), signal: client.signal });
    client.abort();
    await stage.host.clock.advance("5s");
    expect((await stage.ask(accepted.headers.get("location") as string)).json.state).toBe("completed");
    const failing = await stage.ask("/api/services/Queue/check-queue", post(undefined, later));
    await stage.host.clock.advance("5s");
    const outcome = await stage.ask(failing.headers.get("location") as string);
    expect(outcome.json).toMatchObject({
      state: "failed",
      error: { status: 500, code: "SORA_ACTION_FAILED", detail: expect.stringContaining("it went wrong") },
    });
    expect(outcome.text).not.toMatch(/hunter2|\.ts:/);
  });

  test("refuses a command at once for what a body or a name makes impossible, and shows later what its parameters do", async () => {
    await using stage = await webStage();
    expect((await stage.ask("/api/services/Sweep/process-batch", { body: "{", headers: later })).status).toBe(400);
    expect((await stage.ask("/api/services/Nope/trigger", { body: {}, headers: later })).status).toBe(404);
    const accepted = await stage.ask("/api/services/Sweep/process-batch", { body: { batchSize: 0 }, headers: later });
    await stage.host.clock.settle();
    expect((await stage.ask(accepted.headers.get("location") as string)).json).toMatchObject({
      state: "failed",
      error: { code: "SORA_PARAMETERS_INVALID", errors: [{ pointer: "/batchSize" }] },
    });
  });

  test("knows no call that nobody made", async () => {
    await using stage = await webStage();
    expect(await stage.ask("/api/calls/nothing")).toMatchObject({ status: 404, json: { code: "SORA_CALL_UNKNOWN" } });
  });
});

describe("Idempotency-Key", () => {
  const add = "/api/services/Math/actions/add";
  const with1 = { "idempotency-key": "k1" };

  test("gives the same answer for the same request, and runs it once", async () => {
    await using stage = await webStage();
    const [one, two] = [await stage.ask(add, { body: { a: 1, b: 2 }, headers: with1 }), await stage.ask(add, { body: { a: 1, b: 2 }, headers: with1 })];
    expect([two.status, two.text, two.headers.get("x-correlation-id")]).toEqual([200, one.text, one.headers.get("x-correlation-id")]);
    expect([one.headers.get("idempotency-replayed"), two.headers.get("idempotency-replayed"), stage.seen.calls]).toEqual([null, "true", 1]);
  });

  test("gives it to all who ask while it runs, and runs on when the first has gone", async () => {
    await using stage = await webStage();
    const sleep = "/api/services/Math/actions/sleep";
    const client = new AbortController();
    const first = stage.ask(sleep, { body: { for: 5_000 }, headers: with1, signal: client.signal }).catch(() => undefined);
    await stage.host.clock.settle();
    const others = Array.from({ length: 20 }, () => stage.ask(sleep, { body: { for: 5_000 }, headers: with1 }));
    await stage.host.clock.settle();
    client.abort();
    await stage.host.clock.advance("5s");
    expect((await Promise.all(others)).map(({ json }) => json.result)).toEqual(Array.from({ length: 20 }, () => "slept"));
    await first;
    expect(stage.seen.calls).toBe(1);
  });

  test("refuses other parameters with 422, and takes the same however they are written", async () => {
    await using stage = await webStage();
    await stage.ask(add, { body: { a: 1, b: 2 }, headers: with1 });
    for (const body of ['{ "a": 1, "b": 2 }', '{"b":2.0,"a":1}']) expect((await stage.ask(add, { body, headers: with1 })).status).toBe(200);
    expect(await stage.ask(add, { body: { a: 1, b: 3 }, headers: with1 })).toMatchObject({ status: 422, json: { code: "SORA_IDEMPOTENCY_MISMATCH" } });
    expect(stage.seen.calls).toBe(1);
  });

  test("stands for itself for each action, service and caller", async () => {
    await using stage = await webStage({
      tokens: [
        { name: "a", token: "aaaaaaaaaaaaaaaa", scope: "operate" },
        { name: "b", token: "bbbbbbbbbbbbbbbb", scope: "operate" },
      ],
    });
    for (const token of ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"]) {
      expect((await stage.ask(add, { body: { a: 1, b: 2 }, headers: with1, token })).headers.get("idempotency-replayed")).toBeNull();
      expect(
        (await stage.ask("/api/services/Math/actions/echo", { body: { a: 1, b: 2 }, headers: with1, token })).headers.get("idempotency-replayed"),
      ).toBeNull();
    }
    expect(stage.seen.calls).toBe(4);
  });

  test("is forgotten after ten minutes", async () => {
    await using stage = await webStage();
    await stage.ask(add, { body: { a: 1, b: 2 }, headers: with1 });
    await stage.host.clock.advance(599_000);
    expect((await stage.ask(add, { body: { a: 1, b: 2 }, headers: with1 })).headers.get("idempotency-replayed")).toBe("true");
    await stage.host.clock.advance(2_000);
    expect((await stage.ask(add, { body: { a: 9, b: 2 }, headers: with1 })).json.result).toEqual({ sum: 11 });
  });

  test("gives a failure again, and lets what has not run be tried again", async () => {
    await using stage = await webStage();
    const fail = "/api/services/Math/actions/fail";
    const [one, two] = [await stage.ask(fail, post(undefined, with1)), await stage.ask(fail, post(undefined, with1))];
    expect([one.status, two.text === one.text, stage.seen.calls]).toEqual([500, true, 1]);
    const key = { "idempotency-key": "k2" };
    await stage.host.stopService("Math");
    expect((await stage.ask(add, { body: { a: 1, b: 2 }, headers: key })).status).toBe(503);
    await stage.host.startService("Math");
    expect((await stage.ask(add, { body: { a: 1, b: 2 }, headers: key })).status).toBe(200);
    const wrong = { "idempotency-key": "k3" };
    expect([(await stage.ask(add, { body: {}, headers: wrong })).status, (await stage.ask(add, { body: { a: 1, b: 2 }, headers: wrong })).status]).toEqual([
      400, 200,
    ]);
  });

  test("gives again the failure of an action that has begun, whatever its error says of a call of its own", async () => {
    let runs = 0;
    const outer = defineService("Outer", {
      actions: {
        wrongly: async () => (runs++, await SoraServices.named("Math").do("add", { a: "x" }).execute()),
        inVain: async () => (runs++, await SoraServices.named("Math").do("nothing").execute()),
        itself: async () => (runs++, await SoraServices.named("Outer").do("strict", {}).execute()),
        strict: { parameters: z.object({ n: z.number() }), run: async () => {} },
      },
    });
    await using stage = await webStage({ host: { services: [mathService().service, outer] } });
    await stage.host.stopService("Math");
    for (const [action, status, code] of [
      ["in-vain", 503, "SORA_SERVICE_UNAVAILABLE"],
      ["itself", 500, "SORA_PARAMETERS_INVALID"],
    ] as const) {
      const asked = () => stage.ask(`/api/services/Outer/actions/${action}`, post(undefined, { "idempotency-key": action }));
      runs = 0;
      expect(await asked()).toMatchObject({ status, json: { code } });
      expect([(await asked()).status, runs]).toEqual([status, 1]);
    }
    await stage.host.startService("Math");
    const wrongly = () => stage.ask("/api/services/Outer/actions/wrongly", post(undefined, with1));
    runs = 0;
    expect([(await wrongly()).status, (await wrongly()).json.code, runs]).toEqual([500, "SORA_PARAMETERS_INVALID", 1]);
  });

  test("goes with respond-async: the same call, the same Location", async () => {
    await using stage = await webStage();
    const headers = { ...with1, prefer: "respond-async" };
    const [one, two] = [await stage.ask(add, { body: { a: 1, b: 2 }, headers }), await stage.ask(add, { body: { a: 1, b: 2 }, headers })];
    await stage.host.clock.settle();
    expect([two.status, two.headers.get("location"), stage.seen.calls]).toEqual([202, one.headers.get("location"), 1]);
  });

  test.each(["a b", "", "x".repeat(256), "ä"])("that is %j gives 400", async key => {
    await using stage = await webStage();
    expect(await stage.ask(add, { body: { a: 1, b: 2 }, headers: { "idempotency-key": key } })).toMatchObject({
      status: 400,
      json: { code: "SORA_REQUEST_INVALID" },
    });
  });
});

describe("lifecycle", () => {
  test("stop, start and restart answer with the state they have led to", async () => {
    await using stage = await webStage();
    const ask = async (verb: string) => stage.ask(`/api/services/math/${verb}`, post());
    expect(await ask("stop")).toMatchObject({ status: 200, json: { name: "Math", state: "stopped" } });
    expect(await ask("stop")).toMatchObject({ status: 200, json: { state: "stopped" } });
    expect((await stage.ask("/api/services/Math/actions/nothing", post())).status).toBe(503);
    expect(await ask("start")).toMatchObject({ status: 200, json: { state: "running" } });
    expect(await ask("restart")).toMatchObject({ status: 200, json: { state: "running" } });
    expect((await stage.ask("/api/services/Math/actions/nothing", post())).status).toBe(200);
  });

  test("start of a disabled service gives 409, of one whose startup fails 500 with the reason", async () => {
    const services = [
      defineService("Off", { enabled: false, actions: {} }),
      defineService("Bad", {
        startupOrder: 1,
        continueOnFailure: true,
        actions: {},
        execute: async () => {
          throw new Error("disk full");
        },
      }),
    ];
    await using stage = await webStage({ host: { services } });
    expect(await stage.ask("/api/services/Off/start", post())).toMatchObject({ status: 409, json: { code: "SORA_SERVICE_DISABLED" } });
    const bad = await stage.ask("/api/services/Bad/start", post());
    expect(bad).toMatchObject({ status: 500, json: { detail: expect.stringContaining("disk full") } });
  });
});

describe("health", () => {
  const sick = (isCritical: boolean) =>
    defineService("Sick", {
      isCritical,
      actions: {},
      check: async () => HealthReport.unhealthy("password=hunter2 refused", { url: "postgres://u:hunter2@h/d", n: 5n, apiKey: "hunter2", self: globalThis }),
    });

  test.each([
    [true, 503, "unhealthy"],
    [false, 200, "degraded"],
  ])("of the whole, with something critical (%s) unhealthy, is %d", async (critical, status, text) => {
    await using stage = await webStage({ host: { services: [sick(critical)] } });
    const answer = await stage.ask("/health");
    expect(answer).toMatchObject({ status, json: { status: text, entries: { Sick: { status: "unhealthy", critical, description: expect.any(String) } } } });
    expect(answer.text).not.toContain("hunter2");
    expect((await stage.ask("/api/services/Sick/health")).text).not.toContain("hunter2");
  });

  test("ready is 503 while the host stops, and names what keeps it from being ready", async () => {
    const service = defineService("Vital", { isCritical: true, actions: {} });
    await using stage = await webStage({ host: { services: [service] } });
    expect(await stage.ask("/health/ready")).toMatchObject({ status: 200, json: { status: "healthy", entries: {} } });
    await stage.host.stopService("Vital");
    expect(await stage.ask("/health/ready")).toMatchObject({
      status: 503,
      json: { status: "unhealthy", entries: { Vital: { status: "unhealthy", critical: true, description: "It is stopped" } } },
    });
    expect((await stage.ask("/health/live")).status).toBe(200);
  });

  test("live does not ask anybody", async () => {
    const service = defineService("Hangs", { isCritical: true, actions: {}, check: () => new Promise(() => {}) } as never);
    await using stage = await webStage({ host: { services: [service] } });
    expect((await stage.ask("/health/live")).status).toBe(200);
  });
});

describe("a host that stops", () => {
  test("is unready first, refuses new work with 503 and Retry-After, answers questions, and lets what runs end", async () => {
    await using stage = await webStage();
    const running = stage.ask("/api/services/Math/actions/sleep", { body: { for: 5_000 } });
    await stage.host.clock.settle();
    const stopping = stage.host.stop();
    await stage.host.clock.settle();
    expect((await stage.ask("/health/ready")).status).toBe(503);
    for (const path of ["/api/services/Math/actions/nothing", "/api/services/Sweep/trigger", "/api/services/Math/restart"]) {
      const refused = await stage.ask(path, post());
      expect([refused.status, refused.json.code, refused.headers.get("retry-after"), refused.headers.get("connection")]).toEqual([
        503,
        "SORA_HOST_UNREADY",
        "1",
        "close",
      ]);
    }
    expect((await stage.ask("/api/services/Math/status")).status).toBe(200);
    expect(await running).toMatchObject({ status: 200, json: { result: "slept" } });
    expect(await stopping).toMatchObject({ exitCode: 0, culprits: [] });
  });
});
