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
  if (follow) await followEvents(session, path, service ?? "everything", after);
  else if ((await keptEvents(session, path, after)) === 0 && !session.json)
    session.context.stderr.write("Nothing is kept. A host keeps what happens while somebody follows it, and for five minutes after.\n");
  return 0;
}

/** Prints what is kept. An id that no host has given means from the beginning. */
async function keptEvents(session: Session, path: string, after: string | undefined): Promise<number> {
  const { clock } = session.context;
  const quiet = new AbortController();
  let timer = clock.setTimer(() => {}, 0);
  const print = printer(session);
  let printed = 0;
  for await (const event of session.client.events(path, after ?? "0", quiet.signal)) {
    timer.cancel();
    timer = clock.setTimer(() => quiet.abort(), quietFor);
    if (after === undefined && event.event === "gap") continue; // the beginning is where there is one
    if (print(event)) printed++;
  }
  timer.cancel();
  return printed;
}

/** Prints what happens until Ctrl-C, coming back after the last event wherever the connection is lost. */
async function followEvents(session: Session, path: string, what: string, after: string | undefined): Promise<void> {
  const { client, context, json, paintError } = session;
  const note = (text: string): void => {
    if (context.stderr.isTTY === true && !json) context.stderr.write(`${paintError("dim", text)}\n`);
  };
  const stop = context.interrupted();
  let last = after;
  let wait = comeBackAfter;
  const print = printer(session);
  let connected = false;
  let lost = false;
  while (!stop.aborted) {
    try {
      for await (const event of client.events(path, last, stop)) {
        if (!connected || lost) note(lost ? "Connected again." : `Following ${what} at ${client.url}; Ctrl-C ends.`);
        connected = true;
        lost = false;
        last = event.id ?? last;
        wait = event.retry ?? wait;
        print(event);
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
}

/** Prints events, names of services under one another as far as they are known. The function is false for what is no news: the opening of a stream, its end. */
function printer({ context, json, paint }: Session): (event: StreamedEvent) => boolean {
  let room = 0;
  return event => {
    if (event.event === "sora.open" || event.event === "sora.close") return false;
    const data = parse(event.data);
    const type = event.event === "message" ? "event" : event.event.replace(/^sora\./, "");
    if (typeof data["service"] === "string") room = Math.max(room, data["service"].length);
    context.stdout.write(json ? `${JSON.stringify({ id: event.id, type, ...data })}\n` : `${eventLine(type, data, paint, room)}\n`);
    return true;
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : { data: value };
  } catch {
    return { data: text };
  }
}
