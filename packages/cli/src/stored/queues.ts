import type { PausedQueue } from "@sora/core";
import type { QueueAnswer, StoredQueue, StoredQueues } from "@sora/web";
import { oneLine } from "../output/printable.ts";
import { table } from "../output/table.ts";
import { tell } from "../commands/session.ts";
import type { Column } from "../output/table.ts";
import type { Session } from "../commands/session.ts";

/** `sora queues`: stored actions counted by state, who works on them, and what is paused. */
export async function showQueues(session: Session): Promise<number> {
  const { body } = await session.client.get("/api/queues");
  tell(session, body as StoredQueues, queues => queuesText(queues, session));
  return 0;
}

/** `sora queues pause|resume <service> [action]` */
export async function holdQueue(session: Session, verb: "pause" | "resume", service: string, action: string | undefined): Promise<number> {
  const path = [service, ...(action === undefined ? [] : ["actions", action])].map(part => encodeURIComponent(part)).join("/");
  const { body } = await session.client.post(`/api/queues/${path}/${verb}`);
  tell(session, body as QueueAnswer, ({ paused, ...queue }) => `${nameOf(queue)} ${paused ? "is paused" : "goes on"}.\n`);
  return 0;
}

function queuesText({ store, workers, running, concurrency, queues, paused }: StoredQueues, { paint, context }: Session): string {
  if (store === undefined) return "This host has no store yet: nothing is stored.\n";
  const work = concurrency === 0 ? "this host leaves the work to others" : `this host is at work on ${running} of ${concurrency}`;
  const lines = [`${workers === 1 ? "1 worker" : `${workers} workers`} on ${oneLine(store)}; ${work}.`];
  if (paused.length > 0) lines.push(`Paused: ${paused.map(nameOf).join(", ")}.`);
  const text = queues.length === 0 ? "Nothing waits.\n" : table(columns, queues, { paint, width: context.stdout.columns });
  return `${text}\n${lines.join("\n")}\n`;
}

function nameOf({ service, action }: PausedQueue): string {
  return oneLine(action === undefined ? service : `${service}.${action}`);
}

const columns: readonly Column<StoredQueue>[] = [
  { title: "ACTION", text: row => `${row.service}.${row.action}` },
  { title: "VERSION", text: row => String(row.version), align: "right", idle: "1", spare: 2 },
  { title: "WAITING", text: row => String(row.waiting), align: "right" },
  { title: "DELAYED", text: row => String(row.delayed), align: "right", idle: "0" },
  { title: "RUNNING", text: row => String(row.running), align: "right" },
  { title: "FAILED", text: row => String(row.failed), align: "right", idle: "0" },
  { title: "DEAD", text: row => String(row.dead), align: "right", paint: (text, paint, row) => (row.dead > 0 ? paint("red", text) : text) },
  { title: "CANCELLED", text: row => String(row.cancelled), align: "right", idle: "0", spare: 1 },
  {
    title: "NOTE",
    text: row => [row.paused ? "paused" : "", row.unclaimable ? "no worker can run it" : ""].filter(note => note !== "").join(", "),
    paint: (text, paint, row) => paint(row.unclaimable ? "red" : "yellow", text),
  },
];
