import { Parser } from "@asyncapi/parser";
import { Validator } from "@seriousme/openapi-schema-validator";
import { type as ark } from "arktype";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { defineService, serviceEvent, type } from "@sora/core";
import { createTestHost } from "@sora/core/testing";
import type { TestHost } from "@sora/core/testing";
import type { SoraWeb } from "../sora-web.ts";
import type { SchemaCheck } from "../fixtures/schema-check.ts";
import { schemaCheck } from "../fixtures/schema-check.ts";
import { WebApp } from "../web-app.ts";
import { errorCatalogue } from "@sora/core/adapter";
import { webErrorCatalogue } from "../http/web-error-catalogue.ts";
import { asyncApiDocument } from "./asyncapi-document.ts";
import { openApiDocument } from "./openapi-document.ts";
import { contractOf, hasContract } from "./route-contracts.ts";

const Tree = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree);
  },
});
interface Branch {
  readonly label: string;
  readonly branches: readonly Branch[];
}
const Branch: v.GenericSchema<Branch> = v.object({ label: v.string(), branches: v.array(v.lazy(() => Branch)) });
const Part = ark({ name: "string", "parts?": "this[]" });

const Planted = serviceEvent("Planted", Tree, { description: "A tree stands" });
const Measured = serviceEvent(
  "Measured",
  z.object({
    pair: z.tuple([z.string(), z.number()]),
    when: z.iso.datetime(),
    height: z.string().regex(/^\d+$/).transform(Number),
    big: z.bigint().optional(),
  }),
  { version: 2, durable: true },
);
const Split = serviceEvent("Split", Branch);
const Taken = serviceEvent("Taken", Part);
const Anything = serviceEvent("Anything", type<{ x: number }>());

const Garden = defineService("Garden", {
  description: "Grows trees",
  events: { Planted, Measured, Split, Taken, Anything },
  actions: {
    plant: { description: "Plants a tree", parameters: Tree, run: async tree => tree.name },
    branch: { parameters: Branch, idempotent: true, run: async branch => branch.label },
    dismantle: { parameters: Part, run: async part => part.name },
    measure: {
      parameters: z
        .object({
          unit: z.enum(["m", "ft"]).default("m"),
          of: z
            .string()
            .regex(/^QZ\d{9}$/)
            .optional(),
        })
        .optional(),
      run: async () => 12,
    },
    judge: { parameters: z.object({ id: z.string().regex(/^QZ\d{9}$/) }), run: async () => {} },
    unchecked: { parameters: type<{ x: number }>(), run: async () => {} },
    waterAll: async () => {},
  },
});
const Sweep = defineService("Sweep-2", { every: "1h", execute: async () => {} });

const Pair = defineService("Pair", { actions: { one_two: async () => {} } });
const PairOne = defineService("Pair_one", { actions: { two: async () => {} } });

let host: TestHost;
let web: SoraWeb | undefined;
let app: WebApp;
let openApi: any;
let asyncApi: any;
let openApiErrors: SchemaCheck;
let asyncApiErrors: SchemaCheck;

beforeAll(async () => {
  host = await createTestHost({ services: [Garden, Sweep, Pair, PairOne] });
  app = new WebApp(host);
  openApi = JSON.parse(JSON.stringify(await openApiDocument(app.control, app.routes, "", true)));
  asyncApi = JSON.parse(JSON.stringify(await asyncApiDocument(app.control, { host: "localhost:4310", base: "" })));
  openApiErrors = schemaCheck(openApi);
  asyncApiErrors = schemaCheck(asyncApi);
});
afterAll(() => host.stop());

interface Example {
  readonly at: string;
  readonly schema: object;
  readonly value: unknown;
}

/** Every example of a document beside a schema: of a body, of an answer, of a schema itself. */
function* examplesIn(node: unknown, at: string): Generator<Example> {
  if (typeof node !== "object" || node === null) return;
  const { schema, examples, type: kind, $ref } = node as { schema?: object; examples?: unknown; type?: unknown; $ref?: unknown };
  if (schema !== undefined && typeof examples === "object" && examples !== null)
    for (const [name, { value }] of Object.entries(examples as Record<string, { value: unknown }>)) yield { at: `${at}/examples/${name}`, schema, value };
  if (Array.isArray(examples) && (kind !== undefined || $ref !== undefined))
    for (const [index, value] of examples.entries()) yield { at: `${at}/examples/${index}`, schema: node, value };
  for (const [key, member] of Object.entries(node)) if (key !== "examples") yield* examplesIn(member, `${at}/${key}`);
}

describe("openApiDocument", () => {
  test("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(openApi));
    expect([valid, errors]).toEqual([true, undefined]);
    expect(validator.version).toBe("3.1");
  });

  test("has every route of the table, each with a contract of its own", () => {
    for (const route of app.routes) {
      expect([route.method, route.path, hasContract(route)]).toEqual([route.method, route.path, true]);
      const operation = openApi.paths[route.path.replaceAll(/:(\w+)/g, "{$1}")][route.method.toLowerCase()];
      expect(operation.summary).toBe(route.summary);
      const inQuery = (operation.parameters ?? []).filter((one: { in: string }) => one.in === "query").map(({ name }: { name: string }) => name);
      expect([route.path, inQuery]).toEqual([route.path, route.query ?? []]);
      expect(operation.security).toEqual(route.scope === "open" ? [] : [{}, { bearer: [route.scope] }]);
    }
  });

  test("has every action of every service, with what its own schema says of its parameters", () => {
    const operation = (action: string): any => openApi.paths[`/api/services/Garden/actions/${action}`].post;
    const schema = (action: string): unknown => operation(action).requestBody.content["application/json"].schema;
    expect(operation("plant")).toMatchObject({ operationId: "Garden_plant", summary: "Plants a tree", tags: ["Garden"], requestBody: { required: true } });
    expect(schema("plant")).toEqual({ $ref: "#/components/schemas/Garden_plant_parameters" });
    expect(openApi.components.schemas.Garden_plant_parameters.properties.children.items).toEqual({ $ref: "#/components/schemas/Garden_plant_parameters" });
    expect(openApi.components.schemas.Garden_branch_parameters_Part1.properties.branches.items).toEqual({
      $ref: "#/components/schemas/Garden_branch_parameters_Part1",
    });
    expect(openApi.components.schemas.Garden_dismantle_parameters.properties.parts).toEqual({ $ref: "#/components/schemas/Garden_dismantle_parameters_Part1" });
    expect(operation("measure").requestBody.required).toBeUndefined();
    expect(schema("unchecked")).toEqual({});
    expect(operation("water-all")).toMatchObject({ operationId: "Garden_waterAll" });
    expect(operation("plant").responses[400]).toEqual({ $ref: "#/components/responses/Problem400" });
    expect(openApi.tags).toContainEqual({ name: "Garden", description: "Grows trees" });
  });

  test("shows parameters that the action's own schema accepts, and none where none could be made up", async () => {
    for (const [name, action] of Garden.actions) {
      const { examples } = openApi.paths[`/api/services/Garden/actions/${name}`].post.requestBody.content["application/json"];
      expect([name, examples !== undefined]).toEqual([name, ["plant", "branch", "dismantle", "measure"].includes(name)]);
      if (examples === undefined) continue;
      expect((await action.options.parameters?.["~standard"].validate(examples.made.value))?.issues).toBeUndefined();
    }
  });

  test("holds no example that its schema refuses", () => {
    const examples = [...examplesIn(openApi, "")];
    expect(examples.length).toBeGreaterThan(60);
    for (const { at, schema, value } of examples) expect([at, openApiErrors(schema, value)]).toEqual([at, undefined]);
  });

  test("names every operation once", () => {
    const ids = Object.values(openApi.paths as Record<string, Record<string, { operationId: string }>>).flatMap(path =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z_]\w*$/);
    expect(ids).toEqual(expect.arrayContaining(["Pair_one_two", "Pair_one_two2"]));
  });

  test("tells of every code with which status it comes", () => {
    const codes = Object.values(openApi.components.responses as Record<string, any>).flatMap(
      ({ content }) => content["application/problem+json"].schema.allOf[1].properties.code.enum as string[],
    );
    expect(codes.toSorted()).toEqual([...Object.keys(errorCatalogue), ...Object.keys(webErrorCatalogue)].toSorted());
  });

  test("says where it is mounted, and that a token is needed where one is", async () => {
    const document: any = await openApiDocument(app.control, app.routes, "/sora", false);
    expect(document.servers).toEqual([{ url: "/sora" }]);
    expect(document.paths["/api/services"].get.security).toEqual([{ bearer: ["read"] }]);
    expect(document.paths["/health/live"].get.security).toEqual([]);
  });

  test("describes what the routes really answer, and every one with an answer in JSON is asked here", async () => {
    const asked = new Set<string>();
    const answered = async (described: string, path: string, expected = 200, sent?: unknown, later = false): Promise<any> => {
      const [method = "", template = ""] = described.split(" ");
      asked.add(described);
      const { status, body } = await ask(method, path, sent, later ? { prefer: "respond-async" } : {});
      expect([path, status]).toEqual([path, expected]);
      const { schema } = openApi.paths[template][method.toLowerCase()].responses[expected].content["application/json"];
      expect([path, openApiErrors(schema, body)]).toEqual([path, undefined]);
      return body;
    };
    await answered("GET /api/services", "/api/services");
    await answered("GET /api/services/{service}/status", "/api/services/Garden/status");
    await answered("GET /api/services/{service}/health", "/api/services/Garden/health");
    await answered("GET /api/services/{service}/info", "/api/services/Garden/info");
    await answered("GET /api/services/{service}/info", "/api/services/Sweep-2/info");
    await answered("GET /health", "/health");
    await answered("GET /health/live", "/health/live");
    await answered("GET /health/ready", "/health/ready");
    await answered("POST /api/services/Garden/actions/plant", "/api/services/Garden/actions/plant", 200, { name: "oak", children: [] });
    await answered("POST /api/services/{service}/actions/{action}", "/api/services/Garden/actions/water-all");
    await answered("POST /api/services/{service}/trigger", "/api/services/Sweep-2/trigger");
    await answered("POST /api/services/{service}/check-queue", "/api/services/Sweep-2/check-queue");
    await answered("POST /api/services/{service}/process-batch", "/api/services/Sweep-2/process-batch", 200, { batchSize: 2 });
    for (const [service, state] of [
      ["Sweep-2", "completed"],
      ["Garden", "failed"],
    ] as const) {
      const { id } = await answered("POST /api/services/{service}/trigger", `/api/services/${service}/trigger`, 202, undefined, true);
      expect(await answered("GET /api/calls/{id}", `/api/calls/${id}`)).toMatchObject({ service, state });
    }
    await answered("POST /api/services/{service}/stop", "/api/services/Garden/stop");
    await answered("POST /api/services/{service}/start", "/api/services/Garden/start");
    await answered("POST /api/services/{service}/restart", "/api/services/Garden/restart");
    const refused = await ask("POST", "/api/services/Garden/actions/plant", { name: 1 });
    expect(openApiErrors(openApi.components.responses.Problem400.content["application/problem+json"].schema, refused.body)).toBeUndefined();

    // those of stored work have a test of their own, and the documents other tests here
    const isElsewhere = /^\/api\/(?:actions|queues|schedules|outbox)(?:\/|$)|^\/(?:openapi|asyncapi)\.json$/;
    const inJson = app.routes
      .filter(route => !isElsewhere.test(route.path) && contractOf(route).answers[200]?.type === "application/json")
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(inJson.filter(route => !asked.has(route))).toEqual([]);
  });
});

async function ask(
  method: string,
  path: string,
  sent?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: unknown }> {
  const { createSoraWeb } = await import("@sora/web");
  web ??= createSoraWeb(host);
  const init = sent === undefined ? { headers } : { body: JSON.stringify(sent), headers: { ...headers, "content-type": "application/json" } };
  const answer = web.fetch(new Request(`http://localhost${path}`, { method, ...init }));
  await host.clock.advance("1ms");
  const response = await answer;
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe("asyncApiDocument", () => {
  test("is valid AsyncAPI 3, with an operation for each event of each service", async () => {
    const { document, diagnostics } = await new Parser().parse(JSON.stringify(asyncApi));
    const wrong = diagnostics.filter(({ severity, code }) => [0, 1].includes(severity) || code !== "asyncapi-latest-version");
    expect(wrong).toEqual([]);
    expect(document?.version()).toBe("3.0.0");
    expect(
      document
        ?.operations()
        .all()
        .map(operation => operation.id())
        .toSorted(),
    ).toEqual(["Garden.Anything", "Garden.Measured", "Garden.Planted", "Garden.Split", "Garden.Taken", "streamAll"]);
    expect(
      document
        ?.channels()
        .all()
        .map(channel => channel.address())
        .toSorted(),
    ).toEqual(["/api/events", "/api/services/Garden/events", "/api/services/Pair/events", "/api/services/Pair_one/events", "/api/services/Sweep-2/events"]);
  });

  test("has the arguments of each event as the definitions' own schemas say, recursive ones too", () => {
    const { messages, schemas } = asyncApi.components;
    expect(messages["Garden.Planted"]).toMatchObject({ name: "Planted", summary: "A tree stands", payload: { $ref: "#/components/schemas/Garden.Planted" } });
    expect(schemas["Garden.Planted"].properties.args).toEqual({ $ref: "#/components/schemas/Garden.Planted.args" });
    expect(schemas["Garden.Planted.args"].properties.children.items).toEqual({ $ref: "#/components/schemas/Garden.Planted.args" });
    expect(schemas["Garden.Split.args_Part1"].properties.branches.items).toEqual({ $ref: "#/components/schemas/Garden.Split.args_Part1" });
    expect(schemas["Garden.Taken.args"].properties.parts).toEqual({ $ref: "#/components/schemas/Garden.Taken.args_Part1" });
    expect(schemas["Garden.Measured.args"].properties.pair).toMatchObject({ items: [{ type: "string" }, { type: "number" }] });
    expect(schemas["Garden.Anything"].properties.args).toEqual({});
    expect(messages["Garden.Measured"]).toMatchObject({ "x-sora-version": 2, "x-sora-durable": true });
  });

  test("holds examples that its schemas accept, for every event that has a schema", () => {
    for (const [name, message] of Object.entries(asyncApi.components.messages as Record<string, any>)) {
      const [{ payload }] = message.examples;
      expect([name, asyncApiErrors(message.payload, payload)]).toEqual([name, undefined]);
      if (name.startsWith("Garden.")) expect([name, "args" in payload]).toEqual([name, name !== "Garden.Anything"]);
    }
    expect(asyncApi.components.messages["Garden.Measured"].examples[0].payload.args.height).toBeTypeOf("number");
  });

  test("describes what the streams really send", async () => {
    const { createSoraWeb } = await import("@sora/web");
    const response = await createSoraWeb(host).fetch(new Request("http://localhost/api/services/Garden/events"));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await host.stopService("Garden");
    await host.startService("Garden");
    let text = "";
    while (!text.includes('"running"}') && !text.includes('"state":"running"')) text += Buffer.from((await reader.read()).value ?? []).toString("utf8");
    await reader.cancel();
    const blocks = text.split("\n\n").filter(block => block.includes("data: "));
    expect(blocks.length).toBeGreaterThanOrEqual(5);
    for (const block of blocks) {
      const kind = /^event: (.*)$/m.exec(block)?.[1];
      const message: any = Object.values(asyncApi.components.messages as Record<string, any>).find(({ name }) => name === kind);
      expect([kind, asyncApiErrors(message.payload, JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? ""))]).toEqual([kind, undefined]);
    }
  });
});
