import type { HostControl, ServiceControl } from "@sora/core/adapter";
import { describeArguments } from "./described-definitions.ts";
import { documentInfo } from "./document-info.ts";
import { isJsonSchema, mapSchemas } from "./json-schema.ts";
import { componentName, SchemaBook } from "./schema-book.ts";
import type { JsonSchema } from "./json-schema.ts";

/** Where the document is read from, for its one server. */
export interface DocumentAddress {
  /** Host and port, as the client wrote them. */
  readonly host: string;
  /** What the control plane is mounted under; empty for the root. */
  readonly base: string;
}

const at = 1_767_225_600_000;
const text = { type: "string" };
const time = { type: "integer", description: "Milliseconds since the epoch." };
const states = { type: "string", enum: ["disabled", "starting", "running", "stopping", "stopped", "completed", "restarting", "failed"] };

/** Messages of every stream beside the services' events; each has its name as the type of the server-sent event. */
const streamMessages = {
  open: {
    type: "sora.open",
    summary: "The stream has begun. Its id is where it goes on.",
    payload: { type: "object", required: ["node", "at"], properties: { node: text, at: time } },
    example: { node: "web-1", at },
  },
  state: {
    type: "sora.state",
    summary: "A service went from one state to another.",
    payload: {
      type: "object",
      required: ["service", "before", "state", "at"],
      properties: { service: text, before: states, state: states, at: time, reason: text },
    },
    example: { service: "TranslationService", before: "running", state: "stopping", at, reason: "asked to" },
  },
  gap: {
    type: "gap",
    summary:
      "Events after the client's last id are not, or not all, kept: expired, or recorded anew since the host was restarted or nobody had listened for five minutes.",
    payload: {
      type: "object",
      required: ["reason", "lastEventId"],
      properties: { reason: { type: "string", enum: ["expired", "restarted"] }, lastEventId: text },
    },
    example: { reason: "expired", lastEventId: "c4x0v1e9k2a0100.17" },
  },
  close: {
    type: "sora.close",
    summary: "The stream ends here.",
    payload: { type: "object", required: ["reason"], properties: { reason: text } },
    example: { reason: "the host has stopped" },
  },
} as const;

/** AsyncAPI 3 of every event of every service, as the event streams send them, with the definitions' own schemas for the arguments. */
export async function asyncApiDocument(control: HostControl, { host, base }: DocumentAddress): Promise<JsonSchema> {
  const services = [...control.services()];
  const infos = await Promise.all(services.map(service => service.info()));
  const book = new SchemaBook();
  const messages: Record<string, unknown> = {};
  for (const [name, { type, summary, payload, example }] of Object.entries(streamMessages))
    messages[`stream_${name}`] = { name: type, title: type, summary, contentType: "application/json", payload, examples: [{ payload: example }] };
  for (const service of services)
    for (const event of service.events.keys()) messages[messageName(service.name, event)] = await eventMessage(service, event, book);
  const common = Object.keys(streamMessages).map(name => `stream_${name}`);
  const channels: Record<string, unknown> = { all: channel("/api/events", "Events and changes of state of every service.", Object.keys(messages)) };
  const operations: Record<string, unknown> = {};
  for (const { name } of services) {
    const id = componentName(name);
    const own = Object.keys(messages).filter(message => message.startsWith(`${id}.`));
    channels[id] = channel(`/api/services/${name}/events`, `Events and changes of state of ${name}.`, [...own, ...common]);
    for (const message of own)
      operations[message] = { action: "send", channel: { $ref: `#/channels/${id}` }, messages: [{ $ref: `#/channels/${id}/messages/${message}` }] };
  }
  operations["streamAll"] = { action: "send", summary: "Sends what every service emits.", channel: { $ref: "#/channels/all" } };
  return {
    asyncapi: "3.0.0",
    info: documentInfo(
      control,
      infos,
      "Events of this host's services as server-sent events. A client that comes back with its Last-Event-ID gets what it missed, as far as it is kept. Secrets in arguments are redacted; dates are ISO 8601, bigints digits.",
    ),
    defaultContentType: "application/json",
    servers: {
      control: {
        host,
        ...(base === "" ? undefined : { pathname: base }),
        protocol: "http",
        description: "The control plane.",
        security: [{ $ref: "#/components/securitySchemes/bearer" }],
      },
    },
    channels,
    operations,
    components: {
      messages,
      schemas: Object.fromEntries(Object.entries(book.all()).map(([name, schema]) => [name, mapSchemas(schema, inDraft07)])),
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
    },
  };
}

function channel(address: string, description: string, messages: readonly string[]): unknown {
  return {
    address,
    description,
    messages: Object.fromEntries(messages.map(message => [message, { $ref: `#/components/messages/${message}` }])),
    bindings: { http: {} },
  };
}

function messageName(service: string, event: string): string {
  return `${componentName(service)}.${componentName(event)}`;
}

async function eventMessage(service: ServiceControl, name: string, book: SchemaBook): Promise<unknown> {
  const event = service.events.get(name) as NonNullable<ReturnType<ServiceControl["events"]["get"]>>;
  const { schema, example } = await describeArguments(event);
  const id = messageName(service.name, name);
  const args = book.add(`${id}.args`, schema);
  const payload = book.put(id, {
    type: "object",
    required: ["service", "event", "at"],
    properties: { service: { const: service.name }, event: { const: name }, at: time, correlationId: text, args },
  });
  return {
    name,
    title: name,
    ...(event.description === undefined ? undefined : { summary: event.description }),
    contentType: "application/json",
    payload,
    examples: [
      {
        payload: {
          service: service.name,
          event: name,
          at,
          correlationId: "4bf92f3577b34da6a3ce929d0e0e4736",
          ...(example === undefined ? undefined : { args: example }),
        },
      },
    ],
    "x-sora-version": event.version,
    "x-sora-durable": event.durable,
  };
}

/** AsyncAPI's own schemas are of draft 7, where a tuple is said in other words. */
function inDraft07(schema: JsonSchema): JsonSchema {
  const { prefixItems, items, ...rest } = schema;
  if (!Array.isArray(prefixItems)) return schema;
  return { ...rest, items: prefixItems as unknown[], ...(items === undefined ? undefined : { additionalItems: isJsonSchema(items) ? items : items === true }) };
}
