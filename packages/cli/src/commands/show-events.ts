import { CliError } from "../cli-error.ts";
import { eventLine } from "../output/event-line.ts";
import { servicePath } from "./session.ts";
import type { StreamedEvent } from "../client/event-stream.ts";
import type { Session } from "./session.ts";

export interface EventsFlags {
  /** Goes on until Ctrl-C; else what is kept is shown. */
  readonly follow?: boolean;
  /** The id of an event after which to begin. */
  readonly after?: string;
}

/** What the host keeps is sent at once; silence means that it was all. */
const quietFor = 400;
/** Where the host has not said when to come back. */
const comeBackAfter = 3_000;

/**
 * `sora events [service]`: what has happened, as far as the host keeps it; with `--follow` what happens from now on too, over lost connections, until Ctrl-C. For programs a JSON
 * document a line.
 */
export async function showEvents(session: Session, service: string | undefined, { follow = false, after }: EventsFlags): Promise<number> {
  const path = service === undefined ? "/api/events" : servicePath(service, "events");
  const printed = follow ? await followEvents(session, path, after) : await keptEvents(session, path, after);
  if (!follow && printed === 0 && !session.json) session.context.stderr.write("Nothing is kept. A host keeps what happens while somebody follows it, and for five minutes after.\n");
  return 0;
}

/** Prints what is kept. An id that no host has given means from the beginning. */
async function keptEvents(session: Session, path: string, after: string | undefined): Promise<number> {
  const { clock } = session.context;
  const quiet = new AbortController();
  let timer = clock.setTimer(() => {}, 0);
  let printed = 0;
  for await (const event of session.client.events(path, after ?? "0", quiet.signal)) {
    timer.cancel();
    timer = clock.setTimer(() => quiet.abort(), quietFor);
    if (after === undefined && event.event === "gap") continue; // the beginning is where there is one
    if (print(session, event)) printed++;
  }
  timer.cancel();
  return printed;
}

/** Prints what happens until Ctrl-C, coming back after the last event wherever the connection is lost. */
async function followEvents(session: Session, path: string, after: string | undefined): Promise<number> {
  const { client, context, json, paintError } = session;
  const note = (text: string): void => {
    if (context.stderr.isTTY === true && !json) context.stderr.write(`${paintError("dim", text)}\n`);
  };
  const stop = context.interrupted();
  let last = after;
  let wait = comeBackAfter;
  let printed = 0;
  let connected = false;
  let lost = false;
  while (!stop.aborted) {
    try {
      for await (const event of client.events(path, last, stop)) {
        if (!connected || lost) note(lost ? "Connected again." : `Following ${client.url}${path.replace(/^\/api/, "")}; Ctrl-C ends.`);
        connected = true;
        lost = false;
        last = event.id ?? last;
        wait = event.retry ?? wait;
        if (print(session, event)) printed++;
      }
    } catch (error) {
      const gone = error instanceof CliError && error.code === "SORA_CLI_UNREACHABLE";
      if (!stop.aborted && !(connected && gone)) throw error;
    }
    if (stop.aborted) break;
    if (!lost) note("The connection is lost; trying again.");
    lost = true;
    await context.clock.sleep(wait, stop).catch(() => {});
  }
  return printed;
}

/** False for what is no news: the opening of a stream, its end. */
function print({ context, json, paint }: Session, event: StreamedEvent): boolean {
  if (event.event === "sora.open" || event.event === "sora.close") return false;
  const data = parse(event.data);
  const type = event.event === "message" ? "event" : event.event.replace(/^sora\./, "");
  if (json) context.stdout.write(`${JSON.stringify({ id: event.id, type, ...data })}\n`);
  else context.stdout.write(`${eventLine(type, data, paint)}\n`);
  return true;
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : { data: value };
  } catch {
    return { data: text };
  }
}
