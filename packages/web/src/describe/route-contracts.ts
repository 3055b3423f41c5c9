import { jsonAnswer } from "./json-answer.ts";
import { reference } from "./schema-book.ts";
import { storedCallQuery, storedContracts } from "./stored-contracts.ts";
import type { ControlAnswers } from "../answers/control-answers.ts";
import type { Route } from "../routing/route.ts";
import type { JsonSchema } from "./json-schema.ts";

/** What a contract says of a route beside its row in the table. */
export interface RouteContract {
  /** Name of the operation, for programs generated from the contract. */
  readonly id: string;
  /** Good answers by status. */
  readonly answers: Readonly<Record<number, { readonly description: string; readonly type?: string; readonly schema?: JsonSchema }>>;
  /** Statuses of the problems it may answer with, beside those of every guarded route. */
  readonly problems?: readonly number[];
  /** Schema of the body, where it takes one. */
  readonly body?: JsonSchema;
  /** Whether it takes the headers of calls. */
  readonly call?: boolean;
  readonly query?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>;
  /** Schemas of what varies in the path, where that is not the name of a service or an action. */
  readonly path?: Readonly<Record<string, JsonSchema>>;
}

const other = (type: string, description: string): RouteContract["answers"][number] => ({ description, type, schema: { type: "string" } });
const stored = jsonAnswer("StoredCall", "Stored: it will happen, and `Location` tells what becomes of it.");
const accepted = jsonAnswer("AcceptedCall", "Accepted: the call goes on, and `Location` tells where its outcome will be.");

/** Problems of a call: its body, its name, its state, its ending. */
export const callProblems: readonly number[] = [400, 404, 409, 413, 415, 422, 499, 500, 503, 504];

const command = (id: string, parameters: string): RouteContract => ({
  id,
  answers: { 200: jsonAnswer("CommandAnswer", "The command has been carried out."), 202: accepted },
  problems: callProblems,
  body: reference(parameters),
  call: true,
});
const about = (id: string, shape: keyof ControlAnswers, description: string): RouteContract => ({
  id,
  answers: { 200: jsonAnswer(shape, description) },
  problems: [400, 404, 500],
});
const move = (id: string, description: string): RouteContract => ({
  id,
  answers: { 200: jsonAnswer("ServiceStatus", description) },
  problems: [400, 404, 409, 500, 503],
});
const stream: RouteContract["answers"][number] = other("text/event-stream", "Server-sent events without end; see /asyncapi.json for what they hold.");
const resume = {
  lastEventId: { description: "Where to go on, in place of the header Last-Event-ID, for clients that cannot send it.", schema: { type: "string" } },
};

const contracts: Readonly<Record<string, RouteContract>> = {
  "POST /api/services/:service/trigger": command("triggerService", "CommandParameters"),
  "POST /api/services/:service/check-queue": command("checkQueueOfService", "CommandParameters"),
  "POST /api/services/:service/process-batch": command("processBatchOfService", "BatchParameters"),
  "GET /api/services": {
    id: "listServices",
    answers: { 200: { description: "Every service.", type: "application/json", schema: { type: "array", items: reference("ServiceStatus") } } },
  },
  "GET /api/services/:service/status": about("getServiceStatus", "ServiceStatus", "The service at this moment."),
  "GET /api/services/:service/health": about("getServiceHealth", "ServiceHealth", "The service's health."),
  "GET /api/services/:service/info": about("getServiceInfo", "ServiceInfo", "What the service offers and how it is set up."),
  "POST /api/services/:service/actions/:action": {
    id: "callAction",
    answers: { 200: jsonAnswer("ActionAnswer", "The action has ended well."), 202: stored },
    problems: callProblems,
    body: {},
    call: true,
    query: storedCallQuery,
  },
  "GET /api/calls/:id": { id: "getCall", answers: { 200: jsonAnswer("CallOutcome", "What has become of the call.") }, problems: [400, 404] },
  "POST /api/services/:service/start": move("startService", "The service has been started."),
  "POST /api/services/:service/stop": move("stopService", "The service has stopped; where `state` is still `stopping`, something of it did not end in time."),
  "POST /api/services/:service/restart": move("restartService", "The service has been restarted."),
  "GET /api/services/:service/events": { id: "streamServiceEvents", answers: { 200: stream }, problems: [400, 404, 503], query: resume },
  "GET /api/events": { id: "streamEvents", answers: { 200: stream }, problems: [503], query: resume },
  "GET /health": {
    id: "getHealth",
    answers: { 200: jsonAnswer("HostHealth", "Healthy or degraded."), 503: jsonAnswer("HostHealth", "Something critical is unhealthy.") },
  },
  "GET /health/live": { id: "getLiveness", answers: { 200: jsonAnswer("Liveness", "The event loop turns."), 503: jsonAnswer("Liveness", "It does not.") } },
  "GET /health/ready": {
    id: "getReadiness",
    answers: { 200: jsonAnswer("Readiness", "The host takes work."), 503: jsonAnswer("Readiness", "It takes none.") },
  },
  "GET /metrics": { id: "getMetrics", answers: { 200: other("text/plain", "Prometheus text format 0.0.4.") } },
  "GET /openapi.json": { id: "getOpenApi", answers: { 200: { description: "This document.", type: "application/json", schema: { type: "object" } } } },
  "GET /asyncapi.json": {
    id: "getAsyncApi",
    answers: { 200: { description: "AsyncAPI 3 of every event.", type: "application/json", schema: { type: "object" } } },
  },
  ...storedContracts,
  "GET /": { id: "getStatusPage", answers: { 200: other("text/html", "The status page.") } },
};

/** The contract of a route; of one that nobody has written a contract for, that it answers. */
export function contractOf({ method, path }: Route): RouteContract {
  const id = `${method} ${path}`.toLowerCase().replaceAll(/[^a-z\d]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? "");
  return contracts[`${method} ${path}`] ?? { id, answers: { 200: { description: "OK.", type: "application/json", schema: {} } } };
}

/** Whether somebody has written a contract for the route. */
export function hasContract({ method, path }: Route): boolean {
  return Object.hasOwn(contracts, `${method} ${path}`);
}
