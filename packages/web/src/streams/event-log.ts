/** Something that happened, as it is sent. */
export interface LogEntry {
  /** The service it is about. */
  readonly service: string;
  /** A server-sent event, with its id. */
  readonly frame: string;
  /** Bytes. */
  readonly size: number;
}

/** How much is kept. */
export interface EventLogLimits {
  readonly entries: number;
  readonly bytes: number;
}

const defaultLogLimits: EventLogLimits = { entries: 1_024, bytes: 4 * 1024 * 1024 };

/** Where a client that comes back goes on. `missed` where what came after its id is not, or not all, kept. */
export type Resumption = { readonly from: number; readonly missed?: "expired" | "restarted" };

/**
 * The latest events, numbered from 1, the oldest dropped when there are too many or they are too large together. An id is the log's epoch and the number, so that
 * one of another log (of the process before a restart, say) is known as such.
 */
export class EventLog {
  readonly #epoch: string;
  readonly #limits: EventLogLimits;
  /** Written round and round: the entry of a number stands at its remainder. */
  readonly #entries: (LogEntry | undefined)[];
  #first = 1;
  #next = 1;
  #bytes = 0;

  constructor(epoch: string, limits: EventLogLimits = defaultLogLimits) {
    this.#epoch = epoch;
    this.#limits = limits;
    this.#entries = Array.from({ length: limits.entries }, () => undefined);
  }

  /** Number of the oldest entry kept; that of the next where there is none. */
  get first(): number {
    return this.#first;
  }

  /** Number the next entry will have. */
  get next(): number {
    return this.#next;
  }

  at(number: number): LogEntry | undefined {
    return number < this.#first || number >= this.#next ? undefined : this.#entries[number % this.#limits.entries];
  }

  /** The id under which the entry of this number is sent. */
  idOf(number: number): string {
    return `${this.#epoch}.${number}`;
  }

  /** Adds an event; `type` is absent for those that a client hears without asking for a type. */
  append(service: string, type: string | undefined, data: string): void {
    const frame = `id: ${this.idOf(this.#next)}\n${type === undefined ? "" : `event: ${type}\n`}data: ${data}\n\n`;
    const entry = { service, frame, size: Buffer.byteLength(frame) };
    this.#bytes += entry.size;
    this.#next++;
    while (this.#next - this.#first > this.#limits.entries || (this.#bytes > this.#limits.bytes && this.#first < this.#next - 1)) this.#dropFirst();
    this.#entries[(this.#next - 1) % this.#limits.entries] = entry;
  }

  /** Where to go on after the event of this id, as a client gives it; at the end where it gives none. */
  resume(lastEventId: string | undefined): Resumption {
    if (lastEventId === undefined || lastEventId === "") return { from: this.#next };
    const dot = lastEventId.lastIndexOf(".");
    const number = /^[1-9]\d{0,14}$|^0$/.test(lastEventId.slice(dot + 1)) ? Number(lastEventId.slice(dot + 1)) : Number.NaN;
    if (lastEventId.slice(0, Math.max(dot, 0)) !== this.#epoch || !(number < this.#next)) return { from: this.#first, missed: "restarted" };
    return number + 1 < this.#first ? { from: this.#first, missed: "expired" } : { from: number + 1 };
  }

  #dropFirst(): void {
    const at = this.#first % this.#limits.entries;
    this.#bytes -= this.#entries[at]?.size ?? 0;
    this.#entries[at] = undefined;
    this.#first++;
  }
}
