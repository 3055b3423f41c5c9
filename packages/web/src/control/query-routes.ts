import type { HostControl, ServiceControl } from "@sora/core/adapter";
import { redactText } from "@sora/core/adapter";
import { json } from "../routing/reply.ts";
import { shownHealth } from "./health-routes.ts";
import { serviceOf } from "./service-of.ts";
import type { ServiceStatus } from "@sora/core";
import type { Reply } from "../routing/reply.ts";
import type { Route } from "../routing/route.ts";

/** The three questions, and the list of all services. */
export function queryRoutes(control: HostControl): Route[] {
  const about = <Answer>(what: string, summary: string, ask: (service: ServiceControl) => Answer | Promise<Answer>): Route => ({
    method: "GET",
    path: `/api/services/:service/${what}`,
    scope: "read",
    summary,
    handle: async (exchange): Promise<Reply> => json<Answer>(await ask(serviceOf(control, exchange))),
  });
  return [
    {
      method: "GET",
      path: "/api/services",
      scope: "read",
      summary: "Lists every service with its state and node",
      handle: () => json<readonly ServiceStatus[]>(Array.from(control.services(), service => shownStatus(service.status()))),
    },
    about("status", "The service at this moment", service => shownStatus(service.status())),
    about("health", "The service's health", async service => shownHealth(await service.health())),
    about("info", "What the service offers and how it is set up", service => service.info()),
  ];
}

/** An error's message may hold what was connected to, and with which password. */
export function shownStatus(status: ServiceStatus): ServiceStatus {
  const { lastError } = status;
  return lastError === undefined ? status : { ...status, lastError: { ...lastError, message: redactText(lastError.message) } };
}
