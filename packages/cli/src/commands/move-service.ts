import type { ServiceStatus } from "@sora/core";
import { oneLine } from "../output/printable.ts";
import { withSpinner } from "../output/spinner.ts";
import { statePaint } from "../output/state-paint.ts";
import { servicePath, tell } from "./session.ts";
import type { Session } from "./session.ts";

/** `sora start|stop|restart <service>`: answered once it is done. */
export async function moveService(session: Session, verb: "start" | "stop" | "restart", service: string): Promise<number> {
  const move = session.client.post(servicePath(service, verb));
  const { body } = await withSpinner(`${verb} ${oneLine(service)}`, session.context, session.paintError, move);
  tell(session, body as ServiceStatus, ({ name, state }) => `${oneLine(name)} is ${statePaint(state, session.paint)}.\n`);
  return 0;
}
