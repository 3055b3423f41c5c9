import { SoraError } from "../errors/sora-error.ts";
import { systemClock } from "../time/system-clock.ts";
import type { EventHub } from "../events/event-hub.ts";
import type { ServiceEvent } from "../events/service-event.ts";

/** One event as it was emitted. */
export interface RecordedEvent<Args = unknown> {
  readonly service: string;
  readonly event: string;
  readonly args: Args;
  /** Milliseconds since the epoch, on the host's clock. */
  readonly at: number;
}

/** Every event of a test host, from its start on, in the order of emission. */
export interface EventRecorder {
  /**
   * The arguments of the next occurrence of `event` that no earlier `next` has returned; it waits for one that is still to come.
   *
   * @throws SoraError `SORA_ACTION_TIMEOUT` with what did happen, after `patience` real milliseconds (default 2,000) without one.
   */
  next<Args, Input>(event: ServiceEvent<Args, Input>, patience?: number): Promise<Args>;
  next(event: string, patience?: number): Promise<unknown>;
  /** Everything emitted so far; of one event where it is given. */
  all<Args, Input>(event: ServiceEvent<Args, Input>): readonly RecordedEvent<Args>[];
  all(event?: string): readonly RecordedEvent[];
  /** How often it was emitted so far. */
  count(event: ServiceEvent<never, never> | ServiceEvent | string): number;
  /** Forgets everything. */
  clear(): void;
}

interface Waiter {
  readonly name: string;
  readonly resolve: (args: unknown) => void;
}

/** Records what `hub` carries. */
export class HubRecorder implements EventRecorder {
  #events: RecordedEvent[] = [];
  readonly #read = new Map<string, number>();
  readonly #waiters: Waiter[] = [];

  attach(hub: EventHub): void {
    hub.tap((service, event, args, envelope) => {
      this.#events.push({ service, event, args, at: envelope.at });
      const waiter = this.#waiters.findIndex(one => one.name === event);
      if (waiter < 0) return;
      this.#advance(event);
      this.#waiters.splice(waiter, 1)[0]?.resolve(args);
    });
  }

  next(event: ServiceEvent | string, patience = 2_000): Promise<never> {
    const name = nameOf(event);
    const recorded = this.all(name)[this.#read.get(name) ?? 0];
    if (recorded !== undefined) {
      this.#advance(name);
      return Promise.resolve(recorded.args);
    }
    return new Promise((resolve, reject) => {
      const timer = systemClock.setTimer(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(this.#missed(name, patience));
      }, patience);
      const waiter: Waiter = {
        name,
        resolve: args => {
          timer.cancel();
          resolve(args as never);
        },
      };
      this.#waiters.push(waiter);
    });
  }

  all(event?: ServiceEvent | string): readonly RecordedEvent<never>[] {
    const name = event === undefined ? undefined : nameOf(event);
    return this.#events.filter(one => name === undefined || one.event === name) as RecordedEvent<never>[];
  }

  count(event: ServiceEvent<never, never> | ServiceEvent | string): number {
    return this.all(event).length;
  }

  clear(): void {
    this.#events = [];
    this.#read.clear();
  }

  #advance(name: string): void {
    this.#read.set(name, (this.#read.get(name) ?? 0) + 1);
  }

  #missed(name: string, patience: number): SoraError {
    const others = [...new Set(this.#events.map(one => one.event))];
    const seen = others.length === 0 ? "nothing was emitted at all" : `what was emitted: ${others.join(", ")}`;
    return new SoraError("SORA_ACTION_TIMEOUT", `No ${name} came within ${patience} ms; ${seen}.`, {
      details: { event: name, seen: others },
      fix: "Advance the virtual clock if the service waits for time, or check what it emits.",
    });
  }
}

function nameOf(event: ServiceEvent<never, never> | ServiceEvent | string): string {
  return typeof event === "string" ? event : event.name;
}
