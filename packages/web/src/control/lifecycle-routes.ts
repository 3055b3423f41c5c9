import type { HostControl, ServiceControl } from "@sora/core/adapter";
import { json } from "../routing/reply.ts";
import { serviceOf } from "./service-of.ts";
import type { Route } from "../routing/route.ts";

/** Start, stop and restart of one service; answered with its status once done. */
export function lifecycleRoutes(control: HostControl): Route[] {
  const move = (verb: "start" | "stop" | "restart", summary: string, act: (service: ServiceControl) => Promise<void>): Route => ({
    method: "POST",
    path: `/api/services/:service/${verb}`,
    scope: "admin",
    summary,
    handle: async exchange => {
      const service = serviceOf(control, exchange);
      await act(service);
      return json(service.status());
    },
  });
  return [
    move("start", "Starts the service", service => service.start()),
    move("stop", "Stops the service: what is under way drains, then its work is aborted", service => service.stop()),
    move("restart", "Stops the service and starts it again, with a new instance", service => service.restart()),
  ];
}
