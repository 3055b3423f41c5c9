import type { ServiceStatus } from "@sora/core";
import { age, fromNow } from "../output/ages.ts";
import { statePaint } from "../output/state-paint.ts";
import { table } from "../output/table.ts";
import { tell } from "./session.ts";
import type { Column } from "../output/table.ts";
import type { Session } from "./session.ts";

/** `sora services`: every service with its state and node. */
export async function listServices(session: Session): Promise<number> {
  const { paint, context } = session;
  const { body } = await session.client.get("/api/services");
  tell(session, body as readonly ServiceStatus[], list =>
    list.length === 0 ? "There are no services on this host.\n" : table(columns(context.clock.now()), list, { paint, width: context.stdout.columns }),
  );
  return 0;
}

function columns(now: number): readonly Column<ServiceStatus>[] {
  return [
    { title: "SERVICE", text: row => row.name },
    { title: "STATE", text: row => row.state, paint: statePaint },
    { title: "FOR", text: row => age(now - row.since), align: "right" },
    { title: "KIND", text: row => row.kind, spare: 1 },
    { title: "RUNS", text: row => String(row.runs), align: "right", idle: "0", spare: 2 },
    {
      title: "RESTARTS",
      text: row => String(row.restarts),
      align: "right",
      idle: "0",
      spare: 3,
      paint: (text, paint, row) => (row.restarts > 0 ? paint("yellow", text) : text),
    },
    { title: "ACTIVE", text: row => String(row.inFlight), align: "right" },
    { title: "WAITING", text: row => String(row.waiting), align: "right", idle: "0" },
    { title: "NEXT RUN", text: row => (row.nextRun === undefined ? "" : fromNow(row.nextRun, now)) },
    { title: "NODE", text: row => row.node, spare: 4, paint: (text, paint) => paint("dim", text) },
    { title: "LAST ERROR", text: row => row.lastError?.message ?? "", paint: (text, paint, row) => paint(row.state === "failed" ? "red" : "dim", text) },
  ];
}
