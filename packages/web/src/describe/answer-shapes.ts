import { errorCatalogue, healthReportStatuses, healthStatuses, serviceKinds, servicePhases } from "@sora/core/adapter";
import { callStates } from "../answers/call-answers.ts";
import { webErrorCatalogue } from "../http/web-error-catalogue.ts";
import { anyValue, at, count, flag, oneOf, shape, text, time } from "./shape.ts";
import { reference } from "./schema-book.ts";
import { storedShapes } from "./stored-shapes.ts";
import type { ActionInfo, EventInfo, Readiness, ServiceHealth, ServiceInfo, ServiceStatus } from "@sora/core";
import type { CallOutcome } from "../answers/call-answers.ts";
import type { ControlAnswers } from "../answers/control-answers.ts";
import type { ProblemDocument } from "../answers/problem-document.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { Members } from "./shape.ts";

/** What the control plane itself answers with, as schemas of a contract's components. */

const texts = { type: "array", items: text };
const health = oneOf(healthReportStatuses);
const state = oneOf(servicePhases);
const kind = oneOf(serviceKinds);
const mapOf = (value: JsonSchema): JsonSchema => ({ type: "object", additionalProperties: value });
const jsonSchema = { type: "object", description: "A JSON Schema of draft 2020-12; absent where the schema's library cannot say." };

const status: ServiceStatus = {
  name: "TranslationService",
  kind: "background",
  state: "running",
  since: at,
  lastActivity: at + 60_000,
  runs: 1,
  restarts: 0,
  inFlight: 2,
  waiting: 0,
  node: "web-1",
};
const serviceHealth: ServiceHealth = { name: "TranslationService", status: "healthy", description: "OK", critical: false, lastChecked: at, duration: 12 };
const problemExample: ProblemDocument = {
  type: "urn:sora:error:SORA_SERVICE_UNKNOWN",
  title: "Not Found",
  status: 404,
  detail: 'There is no service "Translaton" on this host; did you mean "TranslationService"?',
  code: "SORA_SERVICE_UNKNOWN",
  fix: errorCatalogue.SORA_SERVICE_UNKNOWN.fix,
  retryable: false,
  nearest: "TranslationService",
};

const problemMembers: Members<Omit<ProblemDocument, "type" | "title">> = {
  status: { type: "integer", minimum: 400, maximum: 599 },
  detail: { type: "string", description: "What could not be done, and why." },
  code: { type: "string", description: "Permanent, for programs.", enum: [...Object.keys(errorCatalogue), ...Object.keys(webErrorCatalogue)] },
  "fix?": { type: "string", description: "What to do next." },
  "retryable?": { type: "boolean", description: "Whether the same request, sent again later, can succeed." },
  "correlationId?": text,
  "errors?": {
    type: "array",
    description: "What is wrong in the body, by JSON pointer.",
    items: shape<{ pointer: string; message: string }>({ pointer: text, message: text }, "One place in the body."),
  },
  "nearest?": { type: "string", description: "The name that was probably meant." },
  "known?": { type: "array", items: text, description: "The names there are." },
  "supported?": { type: "array", items: text, description: "The commands the service takes." },
};

/** By their names in `components.schemas`. */
export const answerShapes: Readonly<Record<keyof ControlAnswers, JsonSchema>> & Readonly<Record<string, JsonSchema>> = {
  Problem: shape<ControlAnswers["Problem"]>(
    {
      type: { type: "string", format: "uri", description: "`urn:sora:error:` and the code." },
      title: text,
      ...problemMembers,
    },
    "An RFC 9457 problem document.",
    problemExample,
  ),
  LastError: shape<ControlAnswers["LastError"]>({ message: text, "code?": text, at: time("When it happened") }, "What went wrong last; it outlives recovery."),
  ServiceStatus: shape<ControlAnswers["ServiceStatus"]>(
    {
      name: text,
      kind,
      state,
      since: time("When it entered the state"),
      "lastActivity?": time("When a call or run last ended or told of progress"),
      "lastError?": reference("LastError"),
      runs: { ...count, description: "Times execute, or a periodic run, has begun." },
      restarts: count,
      inFlight: { ...count, description: "Calls and periodic runs under way." },
      waiting: { ...count, description: "Calls waiting for their turn, and a waiting poke." },
      "nextRun?": time("When the next run is due"),
      node: { type: "string", description: "The host it runs on." },
    },
    "A service at this moment.",
    status,
  ),
  ServiceHealth: shape<ControlAnswers["ServiceHealth"]>(
    {
      name: text,
      status: oneOf(healthStatuses),
      description: text,
      critical: { type: "boolean", description: "Whether the host counts as unhealthy when this is." },
      lastChecked: time("When it was found out"),
      duration: { type: "number", minimum: 0, description: "How long the check took, in milliseconds." },
      "data?": mapOf(anyValue),
    },
    "The health of a service or contributor.",
    serviceHealth,
  ),
  HostHealth: shape<ControlAnswers["HostHealth"]>(
    { status: health, entries: mapOf(reference("ServiceHealth")) },
    "The health of the host, and of each service and contributor by name.",
    {
      status: "healthy",
      entries: { TranslationService: serviceHealth },
    },
  ),
  Liveness: shape<ControlAnswers["Liveness"]>(
    { status: health, entries: { type: "object" }, "reasons?": texts },
    "Whether the event loop turns; reasons for those who may read.",
    {
      status: "healthy",
      entries: {},
    },
  ),
  Readiness: shape<ControlAnswers["Readiness"]>(
    {
      status: health,
      entries: mapOf(
        shape<Readiness["entries"][string]>(
          { status: oneOf(healthReportStatuses.filter(one => one !== "healthy")), description: text, critical: flag },
          "A service that is not well.",
        ),
      ),
      "reasons?": texts,
    },
    "Whether the host takes work; what keeps it from that for those who may read.",
    { status: "healthy", entries: {} },
  ),
  EffectiveValue: shape<ControlAnswers["EffectiveValue"]>(
    { value: anyValue, source: text },
    "A value in effect and where it comes from; secrets are redacted.",
  ),
  ServiceInfo: shape<ControlAnswers["ServiceInfo"]>(
    {
      name: text,
      kind,
      "description?": text,
      actions: {
        type: "array",
        items: shape<ActionInfo>(
          {
            name: text,
            "description?": text,
            requiresParameters: flag,
            "parameters?": jsonSchema,
            "concurrency?": count,
            "timeout?": { type: "number", description: "Milliseconds." },
            idempotent: flag,
            version: count,
            calls: count,
            failures: count,
          },
          "An action.",
        ),
      },
      events: { type: "array", items: shape<EventInfo>({ name: text, "description?": text, "args?": jsonSchema, version: count, durable: flag }, "An event.") },
      commands: { type: "array", items: text, description: "Names of the commands it takes." },
      configuration: mapOf(reference("EffectiveValue")),
      settings: mapOf(reference("EffectiveValue")),
      "package?": shape<NonNullable<ServiceInfo["package"]>>({ name: text, version: text }, "The program's package."),
    },
    "What a service offers and how it is set up.",
    {
      name: "CleanupService",
      kind: "periodic",
      actions: [],
      events: [],
      commands: ["TriggerNowCommand", "CheckQueueCommand", "ProcessBatchCommand", "HealthCheckCommand", "StatusCommand"],
      configuration: { IntervalSeconds: { value: 3600, source: "appsettings.json:12" } },
      settings: {},
    },
  ),
  CommandParameters: { type: "object", description: "Depends on the command; none is needed.", additionalProperties: true },
  BatchParameters: {
    ...shape<{ batchSize?: number; filter?: string }>({ "batchSize?": { type: "integer", minimum: 1 }, "filter?": text }, "Which batch to process."),
    examples: [{ batchSize: 50, filter: "status=pending" }],
  },
  CommandAnswer: shape<ControlAnswers["CommandAnswer"]>({ message: text, correlationId: text, "result?": anyValue }, "A command that has been carried out.", {
    message: "Service 'CleanupService' triggered successfully",
    correlationId: "4bf92f3577b34da6a3ce929d0e0e4736",
  }),
  ActionAnswer: shape<ControlAnswers["ActionAnswer"]>(
    { "result?": { description: "What the action returned; absent where it returned nothing." }, correlationId: text },
    "An action that has ended well.",
    { result: { characters: 12 }, correlationId: "4bf92f3577b34da6a3ce929d0e0e4736" },
  ),
  AcceptedCall: shape<ControlAnswers["AcceptedCall"]>({ id: text, state: { const: "running" }, correlationId: text }, "A call that goes on after the answer.", {
    id: "c4x0v1e9k2a0100",
    state: "running",
    correlationId: "4bf92f3577b34da6a3ce929d0e0e4736",
  }),
  CallOutcome: shape<ControlAnswers["CallOutcome"]>(
    {
      id: text,
      service: text,
      action: text,
      correlationId: text,
      state: oneOf(callStates),
      acceptedAt: time("When it was accepted"),
      "finishedAt?": time("When it ended"),
      "result?": anyValue,
      "error?": shape<NonNullable<CallOutcome["error"]>>(problemMembers, "As in a problem document."),
    },
    "What has become of an accepted call.",
    {
      id: "c4x0v1e9k2a0100",
      service: "TranslationService",
      action: "translate",
      correlationId: "4bf92f3577b34da6a3ce929d0e0e4736",
      state: "completed",
      acceptedAt: at,
      finishedAt: at + 1_200,
      result: { characters: 12 },
    },
  ),
  ...storedShapes,
};
