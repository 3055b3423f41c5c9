import type { AggregateHealth, ServiceHealth } from "@sora/core";
import { duration, fromNow } from "../output/ages.ts";
import { facts } from "../output/facts.ts";
import { oneLine } from "../output/printable.ts";
import { statePaint } from "../output/state-paint.ts";
import { table } from "../output/table.ts";
import { servicePath, tell } from "./session.ts";
import type { Paint } from "../output/paint.ts";
import type { Session } from "./session.ts";

/** `sora health [service]`: the health of one service, or of the host and everything on it. The exit status is 1 where it is unhealthy. */
export async function showHealth(session: Session, service: string | undefined): Promise<number> {
  const { body } = await session.client.get(service === undefined ? "/health" : servicePath(service, "health"));
  const now = session.context.clock.now();
  if (service === undefined) tell(session, body as AggregateHealth, health => hostHealthText(health, now, session.paint, session.context.stdout.columns));
  else tell(session, body as ServiceHealth, health => healthText(health, now, session.paint));
  return (body as ServiceHealth | AggregateHealth).status === "unhealthy" ? 1 : 0;
}

function healthText(health: ServiceHealth, now: number, paint: Paint): string {
  const data = Object.entries(health.data ?? {}).map(
    ([key, value]) => [oneLine(key), oneLine(typeof value === "string" ? value : JSON.stringify(value))] as const,
  );
  return `${paint("bold", oneLine(health.name))}  ${statePaint(health.status, paint)}${health.critical ? ", critical" : ""}\n${facts(
    [
      ["says", oneLine(health.description)],
      ["checked", `${fromNow(health.lastChecked, now)}${health.duration > 0 ? `, in ${duration(health.duration)}` : ""}`],
      ...data,
    ],
    paint,
  )}`;
}

function hostHealthText({ status, entries }: AggregateHealth, now: number, paint: Paint, width: number | undefined): string {
  const list = Object.values(entries);
  const head = `The host is ${statePaint(status, paint)}.\n`;
  if (list.length === 0) return head;
  return `${head}\n${table<ServiceHealth>(
    [
      { title: "SERVICE", text: row => row.name },
      { title: "HEALTH", text: row => row.status, paint: statePaint },
      { title: "CRITICAL", text: row => (row.critical ? "critical" : "") },
      { title: "CHECKED", text: row => fromNow(row.lastChecked, now) },
      { title: "SAYS", text: row => row.description },
    ],
    list,
    { paint, width },
  )}`;
}
