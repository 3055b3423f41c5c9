import { describe, expect, test } from "vitest";
import { FakeControlPlane } from "../fixtures/fake-control-plane.ts";
import { runCommand } from "../fixtures/run-command.ts";

const status = { name: "Greeter", kind: "background", state: "stopped", since: 0, runs: 1, restarts: 0, inFlight: 0, waiting: 0, node: "vm-1" };
const triggered = { message: "Service 'Greeter' triggered successfully", correlationId: "c1" };
const answers = {
  "POST /api/services/Greeter/actions/greet": { json: { result: "Good morning,\u001B[2J Ada.", correlationId: "c1" } },
  "POST /api/services/Greeter/actions/count": { json: { result: { words: 9 }, correlationId: "c1" } },
  "POST /api/services/Greeter/actions/nothing": { json: { correlationId: "c1" } },
  "POST /api/services/Greeter/actions/later": { status: 202, json: { id: "k7", state: "running", correlationId: "c1" } },
  "POST /api/services/Greeter/trigger": { json: triggered },
  "POST /api/services/Greeter/check-queue": { json: { message: "Service 'Greeter' queue check triggered", correlationId: "c1" } },
  "POST /api/services/Greeter/process-batch": { json: { message: "Service 'Greeter' batch processed", correlationId: "c1", result: { processed: 3 } } },
  "POST /api/services/Greeter/start": { json: { ...status, state: "running" } },
  "POST /api/services/Greeter/stop": { json: status },
  "POST /api/services/Greeter/restart": { json: { ...status, state: "running" } },
};

describe("do", () => {
  test.each([
    ["greet", "Good morning,\\u001b[2J Ada.\n"],
    ["count", '{\n  "words": 9\n}\n'],
    ["nothing", "Greeter.nothing is done.\n"],
    ["later", "Greeter.later goes on as call k7, correlation id c1.\n"],
  ])("prints what %s returns", async (action, out) => {
    await using plane = await FakeControlPlane.start(answers);
    expect(await runCommand(["do", "Greeter", action, "--url", plane.url])).toEqual({ status: 0, out, err: "" });
  });

  test("sends the parameters from the command line, from standard input, or none", async () => {
    await using plane = await FakeControlPlane.start(answers);
    await runCommand(["do", "Greeter", "count", '{"name": "Ada"}', "--url", plane.url]);
    await runCommand(["do", "Greeter", "count", "-", "--url", plane.url], { stdin: '\uFEFF{"name":\n"Grüße"}\n' });
    await runCommand(["do", "Greeter", "count", "--url", plane.url]);
    await runCommand(["do", "Greeter", "count", "5", "--url", plane.url]);
    expect(plane.requests.map(({ body, headers }) => [body, headers["content-type"]])).toEqual([
      ['{"name":"Ada"}', "application/json"],
      ['{"name":"Grüße"}', "application/json"],
      ["", undefined],
      ["5", "application/json"],
    ]);
  });

  test("sends the token, the correlation id and the wish not to wait", async () => {
    await using plane = await FakeControlPlane.start(answers);
    const { out } = await runCommand(
      ["do", "Greeter", "later", "--no-wait", "--correlation-id", "mine", "--idempotency-key", "once", "--url", plane.url, "--json"],
      { env: { SORA_TOKEN: "canary-token" } },
    );
    expect(JSON.parse(out)).toEqual({ id: "k7", state: "running", correlationId: "c1" });
    expect(plane.requests[0]?.headers).toMatchObject({
      authorization: "Bearer canary-token",
      "x-correlation-id": "mine",
      "idempotency-key": "once",
      prefer: "respond-async",
    });
  });

  test("finds the control plane below a path, and takes names as they are", async () => {
    await using plane = await FakeControlPlane.start({
      "POST /ops/api/services/a%20b/actions/%2E%2E%2Fx": { json: { correlationId: "c" } },
      "POST /ops/api/services/a%20b/actions/..%2Fx": { json: { correlationId: "c" } },
    });
    const { status: code } = await runCommand(["do", "a b", "../x", "--url", `${plane.url}/ops/`]);
    expect(plane.requests.map(({ path }) => path)).toEqual(["/ops/api/services/a%20b/actions/..%2Fx"]);
    expect(code).toBe(0);
  });

  test("is in JSON what the control plane answered", async () => {
    await using plane = await FakeControlPlane.start(answers);
    const { out } = await runCommand(["do", "Greeter", "count", "--json", "--url", plane.url]);
    expect(out).toBe('{"result":{"words":9},"correlationId":"c1"}\n');
  });
});

describe("commands", () => {
  test.each([
    [["trigger", "Greeter"], "Service 'Greeter' triggered successfully\n", ""],
    [["check-queue", "Greeter"], "Service 'Greeter' queue check triggered\n", ""],
    [["process-batch", "Greeter"], "Service 'Greeter' batch processed\n{\n  \"processed\": 3\n}\n", ""],
    [
      ["process-batch", "Greeter", "--batch-size", "50", "--filter", "old"],
      "Service 'Greeter' batch processed\n{\n  \"processed\": 3\n}\n",
      '{"batchSize":50,"filter":"old"}',
    ],
  ])("%j says what the service did", async (args, out, body) => {
    await using plane = await FakeControlPlane.start(answers);
    expect(await runCommand([...args, "--url", plane.url])).toEqual({ status: 0, out, err: "" });
    expect(plane.requests[0]?.body).toBe(body);
  });

  test("trigger is in JSON what the control plane answered", async () => {
    await using plane = await FakeControlPlane.start(answers);
    expect(JSON.parse((await runCommand(["trigger", "Greeter", "--json", "--url", plane.url])).out)).toEqual(triggered);
  });
});

describe("lifecycle", () => {
  test.each([
    ["start", "Greeter is running.\n"],
    ["stop", "Greeter is stopped.\n"],
    ["restart", "Greeter is running.\n"],
  ])("%s tells the state it led to", async (verb, out) => {
    await using plane = await FakeControlPlane.start(answers);
    expect(await runCommand([verb, "Greeter", "--url", plane.url])).toEqual({ status: 0, out, err: "" });
    expect(JSON.parse((await runCommand([verb, "Greeter", "--url", plane.url, "--json"])).out)).toMatchObject({
      name: "Greeter",
      state: verb === "stop" ? "stopped" : "running",
    });
  });
});
