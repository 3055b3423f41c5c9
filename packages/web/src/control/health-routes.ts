import type { HostControl } from "@sora/core/adapter";
import { redactText, redactValue } from "@sora/core/adapter";
import { json } from "../routing/reply.ts";
import { permits } from "../security/principal.ts";
import type { AggregateHealth, ServiceHealth } from "@sora/core";
import type { LivenessAnswer, ReadinessAnswer } from "../answers/health-answers.ts";
import type { RoutedExchange } from "../routing/exchange.ts";
import type { Route } from "../routing/route.ts";

/** Health of all, and the two probes an orchestrator asks without a token: they tell strangers whether, and those who may read also what and why. */
export function healthRoutes(control: HostControl): Route[] {
  return [
    {
      method: "GET",
      path: "/health",
      scope: "read",
      summary: "Health of the host and every service; 503 where something critical is unhealthy",
      handle: async () => {
        const { status, entries } = await control.health();
        return json<AggregateHealth>({ status, entries: shownEntries(entries) }, status === "unhealthy" ? 503 : 200);
      },
    },
    {
      method: "GET",
      path: "/health/live",
      scope: "open",
      summary: "200 while the event loop turns",
      handle: exchange => {
        const { status, live, reasons } = control.live();
        return json<LivenessAnswer>({ status, entries: {}, ...(mayRead(exchange) ? { reasons } : undefined) }, live ? 200 : 503);
      },
    },
    {
      method: "GET",
      path: "/health/ready",
      scope: "open",
      summary: "200 where the host takes work, 503 while it starts or stops and where a critical service does not work",
      handle: async exchange => {
        const { status, ready, reasons, entries } = await control.ready();
        return json<ReadinessAnswer>(
          mayRead(exchange) ? { status, entries, reasons } : { status, entries: {} },
          ready ? 200 : 503,
          ready ? undefined : { "retry-after": "1" },
        );
      },
    },
  ];
}

function mayRead({ principal }: RoutedExchange): boolean {
  return permits(principal.scope, "read");
}

function shownEntries(entries: Readonly<Record<string, ServiceHealth>>): Record<string, ServiceHealth> {
  const shown = Object.create(null) as Record<string, ServiceHealth>;
  for (const [name, health] of Object.entries(entries)) shown[name] = shownHealth(health);
  return shown;
}

/** What a check reports is the user's: secrets are taken out of it, and what JSON does not have. */
export function shownHealth(health: ServiceHealth): ServiceHealth {
  const shown = { ...health, description: redactText(health.description) };
  return health.data === undefined ? shown : { ...shown, data: redactValue("", health.data) as Record<string, unknown> };
}
