import { SoraError } from "@sora/core";
import type { ClockTimer, HostControl } from "@sora/core/adapter";
import { HttpProblem } from "../http/http-problem.ts";
import { eventData } from "./event-data.ts";
import { EventLog } from "./event-log.ts";
import { EventStream } from "./event-stream.ts";
import { redactText } from "@sora/core/adapter";
import type { Exchange } from "../routing/exchange.ts";
import type { Reply, ReplySink } from "../routing/reply.ts";

const heartbeat = 15_000;
/** How long events are still recorded after the last client has gone, so that it can come back and miss none. */
const linger = 300_000;
/** Milliseconds after which a client should come back. */
const retry = 3_000;
const retryAfterEnd = 5_000;
const headers = { "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" };

/** What is recorded while clients listen, and for a while after. */
interface Recording extends Disposable {
  readonly log: EventLog;
}

/**
 * The event streams of a host. Events are recorded from the first stream on until five minutes after the last one; where nobody listens, emitting costs what it does
 * without. A client that comes back with its `Last-Event-ID` gets what it missed, as far as it is kept, and a `gap` where that is not all.
 */
export class EventStreams {
  readonly #control: HostControl;
  readonly #limit: number;
  readonly #streams = new Set<EventStream>();
  /** Streams open and about to open. */
  #taken = 0;
  #recording: Recording | undefined = undefined;
  #beat: ClockTimer | undefined = undefined;
  #lingering: ClockTimer | undefined = undefined;
  #flushing = false;
  #ended = false;

  constructor(control: HostControl, limit: number) {
    this.#control = control;
    this.#limit = limit;
  }

  /** Clients that listen. */
  get size(): number {
    return this.#streams.size;
  }

  /**
   * Answers with the events of `service`, or of all.
   *
   * @throws HttpProblem 503 `SORA_STREAMS_EXHAUSTED` where as many streams as may be are open; SoraError `SORA_HOST_NOT_RUNNING` once the host has stopped.
   */
  open(request: Exchange, service: string | undefined): Reply {
    if (this.#ended) throw new SoraError("SORA_HOST_NOT_RUNNING", "Cannot open an event stream: the host has stopped.");
    if (request.method === "HEAD") return { kind: "text", status: 200, body: "", type: "text/event-stream", headers };
    const leave = this.#takePlace();
    // A client that goes before its stream has begun leaves its place too.
    if (request.signal.aborted) leave();
    else request.signal.addEventListener("abort", leave, { once: true });
    const lastEventId = request.header("last-event-id") ?? request.query.get("lastEventId") ?? undefined;
    return { kind: "stream", status: 200, type: "text/event-stream", headers, open: sink => this.#begin(sink, service, lastEventId, leave) };
  }

  /** Ends every stream, saying why, and records no more. */
  end(reason: string): void {
    this.#ended = true;
    for (const stream of this.#streams) stream.end(`retry: ${retryAfterEnd}\nevent: sora.close\ndata: ${JSON.stringify({ reason })}\n\n`);
    this.#streams.clear();
    this.#beat?.cancel();
    this.#lingering?.cancel();
    this.#recording?.[Symbol.dispose]();
    this.#recording = undefined;
  }

  #takePlace(): () => void {
    if (this.#taken >= this.#limit) {
      throw new HttpProblem(
        503,
        "SORA_STREAMS_EXHAUSTED",
        `As many event streams as may be, ${this.#limit}, are open already.`,
        { fix: "Close one, or raise the option `streams` of the control plane.", retryable: true },
        { "retry-after": "5" },
      );
    }
    this.#taken++;
    let taken = true;
    return () => {
      if (taken) this.#taken--;
      taken = false;
    };
  }

  #begin(sink: ReplySink, service: string | undefined, lastEventId: string | undefined, leave: () => void): void {
    if (this.#ended || sink.signal.aborted) {
      leave();
      sink.close();
      return;
    }
    this.#lingering?.cancel();
    const { log } = (this.#recording ??= this.#record());
    const opening = { retry, data: JSON.stringify({ node: this.#control.name, at: this.#control.clock.now() }), lastEventId };
    const stream = new EventStream(sink, log, service, log.resume(lastEventId), opening);
    this.#streams.add(stream);
    sink.signal.addEventListener(
      "abort",
      () => {
        leave();
        this.#left(stream);
      },
      { once: true },
    );
    this.#armBeat();
  }

  #left(stream: EventStream): void {
    if (!this.#streams.delete(stream) || this.#streams.size > 0) return;
    this.#beat?.cancel();
    this.#beat = undefined;
    this.#lingering = this.#control.clock.setTimer(
      () => {
        this.#recording?.[Symbol.dispose]();
        this.#recording = undefined;
      },
      linger,
      true,
    );
  }

  #record(): Recording {
    const log = new EventLog(this.#control.ids.next());
    const add = (service: string, type: string | undefined, data: string): void => {
      log.append(service, type, data);
      this.#added(log);
    };
    const events = this.#control.watch((service, event, args, envelope) => add(service, undefined, eventData(service, event, args, envelope)));
    const states = this.#control.watchStates(({ reason, ...change }) =>
      add(change.service, "sora.state", JSON.stringify(reason === undefined ? change : { ...change, reason: redactText(reason) })),
    );
    return {
      log,
      [Symbol.dispose]: () => {
        events[Symbol.dispose]();
        states[Symbol.dispose]();
      },
    };
  }

  #added(log: EventLog): void {
    const entry = log.at(log.next - 1);
    if (entry !== undefined) for (const stream of this.#streams) if (!stream.note(entry)) this.#left(stream);
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => this.#flush()); // what is emitted in one go is written in one go
  }

  #flush(): void {
    this.#flushing = false;
    for (const stream of this.#streams) stream.pump();
  }

  #armBeat(): void {
    this.#beat ??= this.#control.clock.setTimer(
      () => {
        this.#beat = undefined;
        for (const stream of this.#streams) if (!stream.beat()) this.#left(stream);
        if (this.#streams.size > 0) this.#armBeat();
      },
      heartbeat,
      true,
    );
  }
}
