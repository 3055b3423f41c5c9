import { captureFrame, runInFrame } from "../host/ambient.ts";
import type { EmittedEvent } from "../events/emitted-event.ts";
import type { Subscription } from "../events/subscription.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { EventHandler, OverflowPolicy } from "./builders.ts";

/** Which occurrences of an event a subscription wants, and how it takes them. */
export interface EventOptions {
  readonly filters?: readonly ((args: unknown) => boolean)[];
  readonly once?: boolean;
  readonly capacity?: number;
  readonly overflow?: OverflowPolicy;
  readonly concurrency?: number;
}

/**
 * Subscribes to an event of `service`, for `owner` where a service does it. Handlers keep what other storages held at the subscribing, and are part of their event's story,
 * with all they lead to.
 */
export function subscribeHandler(
  { name, host }: ServiceRuntime,
  event: string,
  { filters, ...options }: EventOptions,
  handler: EventHandler<unknown>,
  owner: string | undefined,
): Subscription {
  const frame = host.ambientFlow ? captureFrame() : undefined;
  return host.hub.subscribe(`${name}:${event}`, {
    ...options,
    owner,
    handler: (args, envelope) => handler(args, envelope as unknown as EmittedEvent),
    ...(filters === undefined ? undefined : { filter: filters.length === 1 ? filters[0] : (args: unknown) => filters.every(filter => filter(args)) }),
    ...(frame === undefined ? undefined : { run: (envelope, work) => runInFrame(frame, envelope as unknown as EmittedEvent, work) }),
  });
}
