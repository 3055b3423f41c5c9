import type { HostControl } from "@sora/core/adapter";
import { serviceOf } from "../control/service-of.ts";
import type { Route } from "../routing/route.ts";
import type { EventStreams } from "./event-streams.ts";

/** Where a stream goes on, for clients that cannot send the header. */
const query = ["lastEventId"];

/** Events as they happen, of one service and of all. */
export function eventRoutes(control: HostControl, streams: EventStreams): Route[] {
  return [
    {
      method: "GET",
      path: "/api/services/:service/events",
      scope: "read",
      summary: "Streams the service's events and changes of state as server-sent events",
      query,
      handle: exchange => streams.open(exchange.request, serviceOf(control, exchange).name),
    },
    {
      method: "GET",
      path: "/api/events",
      scope: "read",
      summary: "Streams the events and changes of state of all services as server-sent events",
      query,
      handle: exchange => streams.open(exchange.request, undefined),
    },
  ];
}
