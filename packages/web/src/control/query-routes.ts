import type { HostControl, ServiceControl } from "@sora/core/adapter";
import { json } from "../routing/reply.ts";
import { serviceOf } from "./service-of.ts";
import type { Reply } from "../routing/reply.ts";
import type { Route } from "../routing/route.ts";

/** The three questions, and the list of all services. */
export function queryRoutes(control: HostControl): Route[] {
  const about = (what: string, summary: string, ask: (service: ServiceControl) => unknown): Route => ({
    method: "GET",
    path: `/api/services/:service/${what}`,
    scope: "read",
    summary,
    handle: async (exchange): Promise<Reply> => json(await ask(serviceOf(control, exchange))),
  });
  return [
    { method: "GET", path: "/api/services", scope: "read", summary: "Lists every service with its state and node", handle: () => json(Array.from(control.services(), service => service.status())) },
    about("status", "The service at this moment", service => service.status()),
    about("health", "The service's health", service => service.health()),
    about("info", "What the service offers and how it is set up", service => service.info()),
  ];
}
