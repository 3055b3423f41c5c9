import type { HostControl, ServiceControl } from "@sora/core/adapter";
import { answerShapes } from "./answer-shapes.ts";
import { describeParameters } from "./described-definitions.ts";
import { documentInfo } from "./document-info.ts";
import { problemReference, problemResponses } from "./problem-responses.ts";
import { callProblems, contractOf } from "./route-contracts.ts";
import { componentName, SchemaBook } from "./schema-book.ts";
import type { Route } from "../routing/route.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { RouteContract } from "./route-contracts.ts";

type Answers = RouteContract["answers"];

/** Problems that any route may answer with before it is reached: a foreign host, no token, too small a scope. */
const guardProblems: readonly number[] = [400, 401, 403, 421];
const names = { type: "string", pattern: "^[\\w-]{1,64}$" };

/**
 * OpenAPI 3.1 of every route, and of every action of every service as an operation of its own, with what the definitions' own schemas say of their parameters. `base` is
 * where the control plane is mounted, `open` whether it takes requests without a token.
 */
export async function openApiDocument(control: HostControl, routes: readonly Route[], base: string, open: boolean): Promise<JsonSchema> {
  const services = [...control.services()];
  const infos = await Promise.all(services.map(service => service.info()));
  const book = new SchemaBook();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, shape] of Object.entries(answerShapes)) book.put(name, shape);
  for (const route of routes) (paths[template(route.path)] ??= {})[route.method.toLowerCase()] = routeOperation(route, services[0]?.name, open);
  const ids = new Set<string>();
  for (const service of services) {
    for (const [name, operation] of await Promise.all(
      [...service.actions.keys()].map(async action => [action, await actionOperation(service, action, book, ids, open)] as const),
    )) {
      paths[`/api/services/${service.name}/actions/${name}`] = { post: operation };
    }
  }
  return {
    openapi: "3.1.0",
    info: documentInfo(
      control,
      infos,
      "Control of the services of this host: their actions, commands, state, health and events. Service names match whatever their case; errors are problem documents (RFC 9457) with permanent codes.",
    ),
    servers: [{ url: base === "" ? "/" : base }],
    tags: [
      { name: "Host", description: "The host as a whole, and every service by name." },
      ...infos.map(({ name, description, kind }) => ({ name, description: description ?? `A ${kind} service.` })),
    ],
    paths,
    components: {
      schemas: book.all(),
      responses: problemResponses(),
      parameters: callParameters,
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "A token of the host, of scope read, operate or admin; each includes those before it." },
      },
    },
  };
}

function template(path: string): string {
  return path.replaceAll(/:(\w+)/g, "{$1}");
}

function routeOperation(route: Route, example: string | undefined, open: boolean): unknown {
  const contract = contractOf(route);
  const { id, answers, problems = [], body, call = false, query = {}, path = {} } = contract;
  const inPath = Array.from(route.path.matchAll(/:(\w+)/g), ([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: path[name] ?? (name === "service" ? { ...names, ...(example === undefined ? undefined : { examples: [example] }) } : names),
  }));
  const inQuery = queryParameters(query);
  const parameters = [...inPath, ...inQuery, ...(call ? callHeaders : [])];
  return {
    operationId: id,
    summary: route.summary,
    tags: ["Host"],
    ...security(route, open),
    ...(parameters.length === 0 ? undefined : { parameters }),
    ...(body === undefined ? undefined : { requestBody: { content: { "application/json": { schema: body } } } }),
    responses: responses(answers, route.scope === "open" ? [421] : [...guardProblems, ...problems], call),
  };
}

async function actionOperation(service: ServiceControl, name: string, book: SchemaBook, ids: Set<string>, open: boolean): Promise<unknown> {
  const action = service.actions.get(name) as NonNullable<ReturnType<ServiceControl["actions"]["get"]>>;
  const { schema, required, example } = await describeParameters(action);
  const id = operationId(service.name, name, ids);
  const { description, idempotent = false } = action.options;
  return {
    operationId: id,
    summary: description ?? `Calls ${service.name}.${name}`,
    ...(idempotent ? { description: "Running it twice does no harm." } : undefined),
    tags: [service.name],
    ...security({ scope: "operate" }, open),
    parameters: [...queryParameters(actionContract.query), ...callHeaders],
    requestBody: {
      ...(required ? { required } : undefined),
      content: {
        "application/json": {
          schema: book.add(componentName(`${id}_parameters`), schema),
          ...(example === undefined ? undefined : { examples: { made: { summary: "Made from the schema", value: example } } }),
        },
      },
    },
    responses: responses(actionContract.answers, [...guardProblems, ...callProblems], true),
  };
}

const actionContract = contractOf({ method: "POST", path: "/api/services/:service/actions/:action" } as Route);

function queryParameters(query: RouteContract["query"] = {}): unknown[] {
  return Object.entries(query).map(([name, { description, schema }]) => ({ name, in: "query", description, schema }));
}

/** `TranslationService_checkQueue`; numbered where another action has it already. */
function operationId(service: string, action: string, taken: Set<string>): string {
  const wanted = `${service}_${action}`.replaceAll(/-+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? "");
  let id = wanted;
  for (let n = 2; taken.has(id); n++) id = `${wanted}${n}`;
  taken.add(id);
  return id;
}

function security({ scope }: Pick<Route, "scope">, open: boolean): { readonly security: readonly unknown[] } {
  if (scope === "open") return { security: [] };
  return { security: [...(open ? [{}] : []), { bearer: [scope] }] };
}

function responses(answers: Answers, problems: readonly number[], call: boolean): unknown {
  const good = Object.entries(answers).map(([status, { description, type, schema }]): [string, unknown] => [
    status,
    {
      description,
      ...(call ? { headers: status === "202" ? acceptedHeaders : answerHeaders } : undefined),
      ...(type === undefined ? undefined : { content: { [type]: { schema } } }),
    },
  ]);
  const bad = problems.filter(status => !(status in answers)).map((status): [string, unknown] => [String(status), problemReference(status)]);
  return Object.fromEntries([...good, ...bad]);
}

const text = { type: "string" };

const answerHeaders = {
  "X-Correlation-Id": { description: "The call's correlation id.", schema: text },
  "Idempotency-Replayed": { description: "`true` where the answer is that to an earlier request with the same Idempotency-Key.", schema: { const: "true" } },
};
const acceptedHeaders = { ...answerHeaders, Location: { description: "Where the outcome will be.", schema: text }, "Preference-Applied": { schema: text } };

/** Headers that every call takes: `components.parameters`. */
const callParameters = {
  CorrelationId: {
    name: "X-Correlation-Id",
    in: "header",
    description: "Goes with the call into logs and nested calls. Default: the trace id of `traceparent`, else a new one.",
    schema: { ...text, maxLength: 200 },
  },
  Traceparent: { name: "traceparent", in: "header", description: "W3C trace context.", schema: text },
  Prefer: {
    name: "Prefer",
    in: "header",
    description: "`respond-async` answers 202 at once: an action is stored, a command goes on.",
    schema: text,
    example: "respond-async",
  },
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    description: "The same key and body again get the same answer, and run nothing twice.",
    schema: { ...text, maxLength: 255 },
  },
};

const callHeaders = Object.keys(callParameters).map(name => ({ $ref: `#/components/parameters/${name}` }));
