import type { HostControl } from "@sora/core/adapter";
import { json } from "../routing/reply.ts";
import type { Route } from "../routing/route.ts";

/** Health of all, and the two probes an orchestrator asks without a token. */
export function healthRoutes(control: HostControl): Route[] {
  return [
    {
      method: "GET",
      path: "/health",
      scope: "read",
      summary: "Health of the host and every service; 503 where something critical is unhealthy",
      handle: async () => {
        const health = await control.health();
        return json(health, health.status === "unhealthy" ? 503 : 200, { "cache-control": "no-store" });
      },
    },
    {
      method: "GET",
      path: "/health/live",
      scope: "open",
      summary: "200 while the event loop turns",
      handle: () => {
        const { status, live } = control.live();
        return json({ status, entries: {} }, live ? 200 : 503, { "cache-control": "no-store" });
      },
    },
    {
      method: "GET",
      path: "/health/ready",
      scope: "open",
      summary: "200 where the host takes work, 503 while it starts or stops and where a critical service does not work",
      handle: async () => {
        const { status, ready, reasons } = await control.ready();
        return json({ status, entries: {}, reasons: reasons.length }, ready ? 200 : 503, { "cache-control": "no-store" });
      },
    },
  ];
}
