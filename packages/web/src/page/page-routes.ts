import { redactText } from "@sora/core/adapter";
import type { HostControl } from "@sora/core/adapter";
import { shownHealth } from "../control/health-routes.ts";
import { shownStatus } from "../control/query-routes.ts";
import { pageReply } from "./page-frame.ts";
import { refusalPage } from "./refusal-page.ts";
import { statusPage } from "./status-page.ts";
import { storedView } from "./stored-view.ts";
import type { Route } from "../routing/route.ts";

/** The status page. `routes` gives all there are, this one included. */
export function pageRoutes(control: HostControl, routes: () => readonly Route[]): Route[] {
  return [
    {
      method: "GET",
      path: "/",
      scope: "read",
      summary: "The status page, for a browser",
      handle: async ({ request }) => {
        const [health, { ready, reasons }, stored] = await Promise.all([control.health(), control.ready(), storedView(control)]);
        const services = Array.from(control.services(), service => {
          const found = health.entries[service.name];
          return { status: shownStatus(service.status()), health: found === undefined ? undefined : shownHealth(found) };
        });
        const view = {
          host: control.name,
          environment: control.environment,
          now: control.clock.now(),
          health: health.status,
          ready,
          reasons: reasons.map(redactText),
          services,
          stored,
          routes: routes(),
          base: request.base,
        };
        return pageReply(200, `${control.name}: ${health.status}`, statusPage(view));
      },
      refuse: refusalPage,
    },
  ];
}
