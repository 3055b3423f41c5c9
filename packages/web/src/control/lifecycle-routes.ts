import type { HostControl, ServiceControl } from "@sora/core/adapter";
import { refusal } from "../http/http-problem.ts";
import { toProblem } from "../http/to-problem.ts";
import { json } from "../routing/reply.ts";
import { shownStatus } from "./query-routes.ts";
import { serviceOf } from "./service-of.ts";
import type { ServiceStatus } from "@sora/core";
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
      // services that the host has yet to start are its own to start
      if (!control.lifetime.started.aborted) throw refusal("SORA_HOST_UNREADY", `Cannot ${verb} ${service.name}: the host is starting.`);
      try {
        await act(service);
      } catch (error) {
        throw toProblem(error, { service: service.name });
      }
      return json<ServiceStatus>(shownStatus(service.status()));
    },
  });
  return [
    move("start", "Starts the service", service => service.start()),
    move("stop", "Stops the service: what is under way drains, then its work is aborted", service => service.stop()),
    move("restart", "Stops the service and starts it again, with a new instance", service => service.restart()),
  ];
}
