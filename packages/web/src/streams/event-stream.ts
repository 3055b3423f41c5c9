import type { ReplySink } from "../routing/reply.ts";
import type { EventLog, LogEntry, Resumption } from "./event-log.ts";

/** Bytes a client may fall behind, while it takes nothing, before it is cut off. */
export const stalledAt: number = 1024 * 1024;
/** Heartbeats it may be behind. */
const patience = 4;
/** Characters written at a time, as far as whole events allow. */
const portion = 65_536;

/**
 * One client of an event log: a place in it, moved on as fast as the client takes events. Nothing is kept for a client but its place, so a slow one costs no memory;
 * one that is overtaken by the log is told so by a `gap`, and one that takes nothing at all is cut off.
 */
export class EventStream {
  readonly #sink: ReplySink;
  readonly #log: EventLog;
  readonly #service: string | undefined;
  /** Number of the next event to look at. */
  #at: number;
  /** The place the client knows of. */
  #told: number;
  #blocked = false;
  /** Bytes and heartbeats since the client last took anything. */
  #behind = 0;
  #beats = 0;

  /** Writes the opening, and what the client missed as far as it is kept. `service` leaves all others out. */
  constructor(
    sink: ReplySink,
    log: EventLog,
    service: string | undefined,
    resumption: Resumption,
    opening: { readonly retry: number; readonly data: string; readonly lastEventId: string | undefined },
  ) {
    this.#sink = sink;
    this.#log = log;
    this.#service = service;
    this.#at = resumption.from;
    this.#told = resumption.from - 1;
    const { retry, data, lastEventId } = opening;
    const id = `id: ${log.idOf(this.#told)}\n`;
    const gap =
      resumption.missed === undefined
        ? ""
        : `${id}event: gap\ndata: ${JSON.stringify({ reason: resumption.missed, lastEventId: lastEventId?.slice(0, 100) })}\n\n`;
    sink.onDrain(() => this.#drained());
    this.#write(`retry: ${retry}\n${id}event: sora.open\ndata: ${data}\n\n${gap}`);
    this.pump();
  }

  /** Takes note that the log has a new entry. False where the client has stalled and was cut off. */
  note(entry: LogEntry): boolean {
    if (!this.#blocked || !this.#wants(entry)) return true;
    this.#behind += entry.size;
    return this.#behind <= stalledAt || this.#cutOff();
  }

  /** Writes what the client has not had yet, until it is behind. */
  pump(): void {
    while (!this.#blocked && this.#at < this.#log.next) {
      const text = this.#next();
      if (text === "") return;
      this.#write(text);
    }
  }

  /** Shows the client that the connection lives, and where it stands. False where it has stalled and was cut off. */
  beat(): boolean {
    if (this.#blocked) return ++this.#beats < patience || this.#cutOff();
    this.pump();
    if (this.#blocked) return true;
    const place = this.#at - 1;
    this.#write(place === this.#told ? ":\n\n" : `id: ${this.#log.idOf(place)}\n:\n\n`);
    this.#told = place;
    return true;
  }

  /** Ends the stream with `farewell` after what there is; at once where the client is behind. */
  end(farewell: string): void {
    this.pump();
    if (this.#blocked) this.#sink.destroy();
    else {
      this.#sink.write(farewell);
      this.#sink.close();
    }
  }

  /** The next events in one text, and a gap where the log has overtaken the client. */
  #next(): string {
    let text = "";
    if (this.#at < this.#log.first) {
      text = `id: ${this.#log.idOf(this.#log.first - 1)}\nevent: gap\ndata: ${JSON.stringify({ reason: "expired", lastEventId: this.#log.idOf(this.#told) })}\n\n`;
      this.#at = this.#log.first;
    }
    for (; text.length < portion && this.#at < this.#log.next; this.#at++) {
      const entry = this.#log.at(this.#at) as LogEntry;
      if (!this.#wants(entry)) continue;
      text += entry.frame;
      this.#told = this.#at;
    }
    return text;
  }

  #write(text: string): void {
    if (!this.#sink.write(text)) this.#blocked = true;
  }

  #drained(): void {
    this.#blocked = false;
    this.#behind = 0;
    this.#beats = 0;
    this.pump();
  }

  #wants(entry: LogEntry): boolean {
    return this.#service === undefined || entry.service === this.#service;
  }

  #cutOff(): false {
    this.#sink.destroy();
    return false;
  }
}
