import { expect, test } from "vitest";
import { createMemoryStore, outboxProcessor, SoraError } from "@sora/core";
import { schemaCheck } from "../fixtures/schema-check.ts";
import { storedStage, unsteadyStore } from "../fixtures/stored-stage.ts";
import { webStage } from "../fixtures/web-stage.ts";
import { WebApp } from "../web-app.ts";
import { openApiDocument } from "./openapi-document.ts";

test("the contracts of stored work describe what its routes really answer, and every route of it is asked here", async () => {
  const processor = outboxProcessor({
    retry: { attempts: 1 },
    publish: () => {
      throw new Error("no");
    },
  });
  const store = createMemoryStore();
  await using stage = await storedStage({ beside: [processor], host: { store } });
  const app = new WebApp(stage.host);
  const openApi: any = JSON.parse(JSON.stringify(await openApiDocument(app.control, app.routes, "", true)));
  const errorsOf = schemaCheck(openApi);

  const billing = stage.host.services(stage.billing);
  const completed = await billing.do("charge", { order: "1" }).withKey("k").enqueue();
  await stage.host.clock.settle();
  stage.control.broken = true;
  const dead = await billing.do("charge", { order: "2" }).enqueue();
  const delayed = await billing.do("nothing").withDelay("1h").enqueue();
  const slow = await billing.do("slow").enqueue();
  await stage.host.outbox.append("topic", 1, { key: "k" });
  await stage.host.clock.advance("10s");
  const asked = new Set<string>();
  const ask = async (described: string, path: string, status: number, body?: unknown, headers = {}): Promise<any> => {
    const [method = "", template = ""] = described.split(" ");
    asked.add(described);
    const operation = openApi.paths[template][method.toLowerCase()];
    if (body !== undefined && status < 300) expect([path, errorsOf(operation.requestBody.content["application/json"].schema, body)]).toEqual([path, undefined]);
    const answer = await stage.ask(path, { method, headers, ...(body === undefined ? {} : { body }) });
    expect([described, answer.status]).toEqual([described, status]);
    const { content = {} } = status < 400 ? operation.responses[status] : openApi.components.responses[`Problem${status}`];
    expect(operation.responses).toHaveProperty(String(status));
    const [type] = (answer.headers.get("content-type") ?? "").split(";");
    if (status === 204) expect([described, answer.text, content]).toEqual([described, "", {}]);
    else expect([described, errorsOf(content[type as string].schema, answer.json)]).toEqual([described, undefined]);
    return answer.json;
  };
  const schedule = { service: "Billing", action: "charge", parameters: { order: "1" }, cron: "0 3 * * *", misfire: { all: 2 } };

  expect((await ask("GET /api/actions", "/api/actions?limit=2", 200)).next).toBeTypeOf("string");
  await ask("GET /api/actions", "/api/actions?state=lost", 400);
  expect((await ask("GET /api/actions/{id}", `/api/actions/${completed.id}`, 200)).result).toBeDefined();
  expect((await ask("GET /api/actions/{id}", `/api/actions/${slow.id}`, 200)).progress).toBeDefined();
  expect((await ask("GET /api/actions/{id}", `/api/actions/${dead.id}`, 200)).error).toBeDefined();
  await ask("GET /api/actions/{id}", "/api/actions/none", 404);
  await ask("POST /api/services/{service}/actions/{action}", "/api/services/Billing/actions/nothing?delay=1h", 202, undefined, { prefer: "respond-async" });
  await ask("POST /api/actions/{id}/cancel", `/api/actions/${delayed.id}/cancel`, 200);
  await ask("POST /api/actions/{id}/retry", `/api/actions/${delayed.id}/retry`, 200);
  await ask("POST /api/queues/{service}/pause", "/api/queues/Billing/pause", 200);
  await ask("POST /api/queues/{service}/actions/{action}/pause", "/api/queues/Billing/actions/slow/pause", 200);
  expect(await ask("GET /api/queues", "/api/queues", 200)).toMatchObject({
    paused: [{}, {}],
    queues: expect.arrayContaining([expect.objectContaining({ dead: 1 })]) as unknown,
  });
  await ask("POST /api/queues/{service}/resume", "/api/queues/Billing/resume", 200);
  await ask("POST /api/queues/{service}/actions/{action}/resume", "/api/queues/Billing/actions/slow/resume", 200);
  await ask("PUT /api/schedules/{id}", "/api/schedules/s1", 201, schedule);
  await ask("PUT /api/schedules/{id}", "/api/schedules/s1", 200, { ...schedule, cron: undefined, every: "1h" });
  await ask("PUT /api/schedules/{id}", "/api/schedules/s1", 400, { ...schedule, cron: "x" });
  const known = (await store.schedules.get("s1")) as NonNullable<Awaited<ReturnType<typeof store.schedules.get>>>;
  await store.schedules.put({ ...known, id: "damaged", recurrence: "{}" });
  expect((await ask("GET /api/schedules", "/api/schedules", 200)).schedules).toMatchObject([{ id: "damaged", error: {} }, { id: "s1" }]);
  await ask("GET /api/schedules/{id}", "/api/schedules/s1", 200);
  await ask("POST /api/schedules/{id}/pause", "/api/schedules/s1/pause", 200);
  await ask("POST /api/schedules/{id}/resume", "/api/schedules/s1/resume", 200);
  await ask("DELETE /api/schedules/{id}", "/api/schedules/s1", 204);
  expect((await ask("GET /api/outbox", "/api/outbox", 200)).messages).toHaveLength(1);
  await ask("POST /api/outbox/retry", "/api/outbox/retry", 200, { all: true });

  const ofStoredWork = app.routes.filter(({ path }) => /^\/api\/(?:actions|queues|schedules|outbox)(?:\/|$)/.test(path));
  const routes = ofStoredWork.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  expect(routes.filter(route => !asked.has(route))).toEqual([]);

  await using bare = await webStage(); // without a store
  for (const route of ["actions", "queues", "schedules", "outbox"]) {
    const { schema } = openApi.paths[`/api/${route}`].get.responses[200].content["application/json"];
    expect([route, errorsOf(schema, (await bare.ask(`/api/${route}`)).json)]).toEqual([route, undefined]);
  }
});

test("the contracts tell of the events of stored actions once the host has a store", async () => {
  await using stage = await webStage();
  const channels = async (): Promise<string[]> => Object.keys((await stage.ask("/asyncapi.json")).json.channels);
  const before = await channels();
  await stage.ask("/api/services/Math/actions/nothing", { method: "POST", headers: { prefer: "respond-async" } });
  expect((await channels()).filter(name => !before.includes(name))).toEqual([expect.stringContaining("DurableActions")]);
  const { messages } = (await stage.ask("/asyncapi.json")).json.components;
  expect(Object.keys(messages).filter(name => name.startsWith("DurableActions."))).toEqual(
    expect.arrayContaining(["Enqueued", "Started", "Completed", "Failed", "Dead", "Cancelled", "Redriven"].map(name => `DurableActions.Action${name}`)),
  );
});

test("the contracts name the headers that answers come with", async () => {
  const unsteady = unsteadyStore(() => new SoraError("SORA_STORE_UNAVAILABLE", "no"));
  await using stage = await storedStage({ host: { store: unsteady.store }, tokens: [{ name: "r", token: "read-0123456789abcdef", scope: "read" }] });
  const token = "read-0123456789abcdef";
  const { paths, components } = (await stage.ask("/openapi.json", { token })).json;
  const named = (headers: Headers, described: object): void => {
    const usual = new Set(["content-type", "cache-control", "x-content-type-options"]);
    const known = new Set(Object.keys(described).map(name => name.toLowerCase()));
    expect([...headers.keys()].filter(name => !usual.has(name) && !known.has(name))).toEqual([]);
  };
  unsteady.state = "fails";
  named((await stage.ask("/api/actions", { token })).headers, components.responses.Problem503.headers);
  unsteady.state = "works";
  named((await stage.ask("/api/actions")).headers, components.responses.Problem401.headers);
  named((await stage.ask("/api/actions/a1/retry", { method: "POST", token })).headers, components.responses.Problem403.headers);
  named((await stage.ask("/api/actions", { method: "POST", token })).headers, components.responses.Problem405.headers);
  await using open = await storedStage();
  const call = { method: "POST", headers: { prefer: "respond-async", "idempotency-key": "k1" } };
  const { responses } = paths["/api/services/{service}/actions/{action}"].post;
  for (let asked = 0; asked < 2; asked++) named((await open.ask("/api/services/Billing/actions/nothing", call)).headers, responses[202].headers);
});
