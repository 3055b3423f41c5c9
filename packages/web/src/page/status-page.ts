import type { ServiceHealth, ServiceStatus } from "@sora/core";
import { html } from "./html.ts";
import { badge, none } from "./badge.ts";
import { shownTime } from "./shown-time.ts";
import { storedSection } from "./stored-section.ts";
import type { Route } from "../routing/route.ts";
import type { Html } from "./html.ts";
import type { StoredView } from "./stored-view.ts";

/** What the status page shows. */
export interface StatusView {
  readonly host: string;
  readonly environment: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly health: string;
  readonly ready: boolean;
  /** Why not, or what else is not well. */
  readonly reasons: readonly string[];
  readonly services: readonly { readonly status: ServiceStatus; readonly health: ServiceHealth | undefined }[];
  /** Absent where the host has no store. */
  readonly stored: StoredView | undefined;
  readonly routes: readonly Route[];
  /** What the control plane is mounted under. */
  readonly base: string;
}

/** The page's main part. It shows one moment; a link reloads it, since a page that reloads itself takes the place from under those who read it slowly. */
export function statusPage(view: StatusView): Html {
  const { host, environment, now, health, ready, reasons, services, stored, routes, base } = view;
  return html`<h1>${host}</h1>
<p class="soft">Background services in ${environment}, at <time datetime="${new Date(now).toISOString()}">${new Date(now).toISOString().slice(0, 19).replace("T", " ")} UTC</time>. <a href="${base}/">Reload</a></p>
<p>Health: ${badge(health)}. The host ${ready ? "is ready for work" : "takes no work now"}.</p>
${reasons.length === 0 ? undefined : html`<ul>${reasons.map(reason => html`<li>${reason}</li>`)}</ul>`}
<nav aria-label="Contracts and data"><ul class="links">${links.map(([path, text]) => html`<li><a href="${base}${path}">${text}</a></li>`)}</ul></nav>
<h2 id="services">Services</h2>
<div class="scroll" role="region" aria-labelledby="services" tabindex="0">
<table>
<caption>${services.length === 1 ? "1 service" : `${services.length} services`} of this host, in the order of registration.</caption>
<thead><tr><th scope="col">Service</th><th scope="col">State</th><th scope="col">Health</th><th scope="col">Next run</th><th scope="col" class="number">Runs</th><th scope="col" class="number">Restarts</th><th scope="col" class="number">In flight</th><th scope="col" class="number">Waiting</th><th scope="col">Last error</th></tr></thead>
<tbody>${services.map(service => serviceRow(service, now))}</tbody>
</table>
</div>
${stored === undefined ? undefined : storedSection(stored, now)}
<h2 id="routes">Routes</h2>
<div class="scroll" role="region" aria-labelledby="routes" tabindex="0">
<table>
<caption>What can be asked over HTTP. Errors are problem documents with a permanent code.</caption>
<thead><tr><th scope="col">Method</th><th scope="col">Path</th><th scope="col">Scope</th><th scope="col">What it does</th></tr></thead>
<tbody>${routes.map(({ method, path, scope, summary }) => html`<tr><td>${method}</td><th scope="row"><code>${path.replaceAll(/:(\w+)/g, "{$1}")}</code></th><td>${scope}</td><td class="long">${summary}</td></tr>`)}</tbody>
</table>
</div>`;
}

const links = [
  ["/openapi.json", "OpenAPI document"],
  ["/asyncapi.json", "AsyncAPI document"],
  ["/metrics", "Metrics"],
  ["/health", "Health"],
  ["/api/services", "Services as JSON"],
  ["/api/actions", "Stored actions as JSON"],
] as const;

function serviceRow({ status, health }: StatusView["services"][number], now: number): Html {
  const { name, kind, state, since, nextRun, runs, restarts, inFlight, waiting, lastError } = status;
  return html`<tr><th scope="row">${name} <span class="soft under">${kind}</span></th><td>${badge(state)} <span class="soft under">${shownTime(since, now)}</span></td><td class="long">${health === undefined ? "unknown" : html`${badge(health.status)} ${health.status === "healthy" ? undefined : health.description}`}</td><td>${nextRun === undefined ? none : shownTime(nextRun, now)}</td><td class="number">${runs}</td><td class="number">${restarts}</td><td class="number">${inFlight}</td><td class="number">${waiting}</td><td class="long">${lastError === undefined ? none : html`${shownTime(lastError.at, now)}: ${lastError.message}`}</td></tr>`;
}
