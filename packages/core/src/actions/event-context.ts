import type { ServiceClientFactory } from "../fluent/service-client-factory.ts";
import type { CallMetadata } from "./service-context.ts";

/** What an event handler gets beside the event's arguments. */
export interface EventContext {
  /** The service that emitted. */
  readonly service: string;
  readonly event: string;
  /** When it was emitted, in milliseconds since the epoch. */
  readonly emittedAt: number;
  /** The emitter's; calls the handler makes carry it on. */
  readonly correlationId: string;
  readonly metadata: CallMetadata;
  /** The fluent API on the emitter's host, with the emitter's correlation id. */
  readonly services: ServiceClientFactory;
}
