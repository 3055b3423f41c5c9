import type { ServiceStatus } from "@sora/core";
import { age, fromNow } from "../output/ages.ts";
import { causeText } from "../output/cause-text.ts";
import { facts } from "../output/facts.ts";
import { oneLine } from "../output/printable.ts";
import { statePaint } from "../output/state-paint.ts";
import { servicePath, tell } from "./session.ts";
import type { Paint } from "../output/paint.ts";
import type { Session } from "./session.ts";

/** `sora status <service>`: the service at this moment. */
export async function showStatus(session: Session, service: string): Promise<number> {
  const { body } = await session.client.get(servicePath(service, "status"));
  tell(session, body as ServiceStatus, status => statusText(status, session.context.clock.now(), session.paint));
  return 0;
}

/** One service's status, a fact a line. */
function statusText(status: ServiceStatus, now: number, paint: Paint): string {
  const { lastActivity, lastError, nextRun } = status;
  const error = lastError === undefined ? undefined : causeText(lastError, now);
  return `${paint("bold", oneLine(status.name))}  ${statePaint(status.state, paint)} for ${age(now - status.since)}\n${facts(
    [
      ["kind", oneLine(status.kind)],
      ["runs", `${status.runs}${status.restarts > 0 ? `, restarted ${status.restarts === 1 ? "once" : `${status.restarts} times`}` : ""}`],
      ["calls", `${status.inFlight} active, ${status.waiting} waiting`],
      ["last activity", lastActivity === undefined ? undefined : fromNow(lastActivity, now)],
      ["next run", nextRun === undefined ? undefined : `${fromNow(nextRun, now)}, at ${new Date(nextRun).toISOString()}`],
      ["last error", error === undefined ? undefined : paint(status.state === "failed" ? "red" : "yellow", error)],
      ["node", oneLine(status.node)],
    ],
    paint,
  )}`;
}
