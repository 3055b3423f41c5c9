import type { HostControl } from "@sora/core/adapter";
import { actionRoutes } from "./control/action-routes.ts";
import { CallDesk } from "./control/call-desk.ts";
import { commandRoutes } from "./control/command-routes.ts";
import { healthRoutes } from "./control/health-routes.ts";
import { lifecycleRoutes } from "./control/lifecycle-routes.ts";
import { outboxRoutes } from "./control/outbox-routes.ts";
import { queryRoutes } from "./control/query-routes.ts";
import { queueRoutes } from "./control/queue-routes.ts";
import { scheduleRoutes } from "./control/schedule-routes.ts";
import { storedActionRoutes } from "./control/stored-action-routes.ts";
import { contractRoutes } from "./describe/contract-routes.ts";
import { metricsRoutes } from "./metrics/metrics-routes.ts";
import { pageRoutes } from "./page/page-routes.ts";
import { eventRoutes } from "./streams/event-routes.ts";
import type { AuditLog } from "./security/audit-log.ts";
import type { EventStreams } from "./streams/event-streams.ts";
import type { Route } from "./routing/route.ts";
import type { ResolvedWebOptions } from "./web-options.ts";

/** Every route of the control plane. Contracts, guards' tests and the status page are made from this table. */
export function routeTable(control: HostControl, options: ResolvedWebOptions, streams: EventStreams, audit: AuditLog): readonly Route[] {
  const desk = new CallDesk(control, options.limits, audit);
  const routes: readonly Route[] = [
    ...commandRoutes(desk),
    ...queryRoutes(control),
    ...actionRoutes(desk),
    ...lifecycleRoutes(control),
    ...storedActionRoutes(control),
    ...queueRoutes(control),
    ...scheduleRoutes(control, options.limits),
    ...outboxRoutes(control, options.limits),
    ...eventRoutes(control, streams),
    ...healthRoutes(control),
    ...metricsRoutes(control),
    ...contractRoutes(control, () => routes, options.tokens.length === 0),
    ...pageRoutes(control, () => routes),
  ];
  return routes;
}
