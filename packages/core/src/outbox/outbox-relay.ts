import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { retryDelay } from "../durable/retry-policy.ts";
import { outboxMessage } from "./outbox-message.ts";
import type { StoredRetry } from "../durable/retry-policy.ts";
import type { SingletonHolder } from "../durable/singleton-holder.ts";
import type { DurableStore } from "../durable/store/durable-store.ts";
import type { OutboxEntry, OutboxReport } from "../durable/store/outbox-store.ts";
import type { Chance } from "../time/chance.ts";
import type { OutboxMessage } from "./outbox-message.ts";

export interface OutboxRelayParts {
  readonly store: DurableStore;
  readonly chance: Chance;
  readonly holder: SingletonHolder;
  readonly publish: (message: OutboxMessage) => unknown;
  /** Keys that are published side by side; those of one key always one after the other. */
  readonly concurrency: number;
  readonly attempts: number;
  readonly retry: StoredRetry;
}

/** What one batch has come to. */
export interface OutboxBatch {
  readonly published: number;
  readonly failed: number;
  /** Why the first of those that failed did. */
  readonly error?: string;
}

type Failure = OutboxReport["failed"][number];

/** Publishes what waits in the outbox, as the only one of all hosts: two would lose the order. */
export class OutboxRelay {
  readonly #parts: OutboxRelayParts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: OutboxRelayParts) {
    this.#parts = parts;
  }

  /** Publishes up to `size` messages, after the batch under way. @throws SoraError `SORA_LEASE_LOST` where another host has taken over meanwhile. */
  batch(size: number): Promise<OutboxBatch> {
    const batch = this.#last.then(() => this.#publish(size));
    this.#last = batch.catch(() => {}); // whoever asked hears of it
    return batch;
  }

  async #publish(size: number): Promise<OutboxBatch> {
    const { store, holder } = this.#parts;
    const { lease } = holder;
    if (lease === undefined) throw lost();
    const entries = await store.outbox.read(size);
    if (entries.length === 0) return { published: 0, failed: 0 };
    const published: number[] = [];
    const failed: Failure[] = [];
    const lines = linesOf(entries);
    const workers = Array.from({ length: Math.min(this.#parts.concurrency, lines.length) }, async () => {
      for (let line = lines.shift(); line !== undefined; line = lines.shift()) await this.#publishLine(line, published, failed);
    });
    await Promise.all(workers);
    if (!(await store.outbox.report({ fence: lease.token, published, failed }))) throw lost();
    const [first] = failed;
    return { published: published.length, failed: failed.length, ...(first === undefined ? undefined : { error: first.error }) };
  }

  /** Messages of one key, in order; those behind one that fails wait for it, unless it is dead. */
  async #publishLine(line: readonly OutboxEntry[], published: number[], failed: Failure[]): Promise<void> {
    const { holder, publish } = this.#parts;
    for (const entry of line) {
      if (holder.lease === undefined) return; // another's from here on; what went out is reported, and refused where it must be
      try {
        await publish(outboxMessage(entry));
        published.push(entry.sequence);
      } catch (error) {
        const failure = this.#failure(entry, error);
        failed.push(failure);
        if (!failure.dead) return;
      }
    }
  }

  #failure({ sequence, failures }: OutboxEntry, error: unknown): Failure {
    const { attempts, retry, chance } = this.#parts;
    const attempt = failures + 1;
    return {
      sequence,
      error: describeError(error).slice(0, 10_000),
      delay: retryDelay(retry, undefined, attempt, chance.next()),
      dead: attempt >= attempts,
    };
  }
}

/** Entries by key, in their order; each without a key by itself. */
function linesOf(entries: readonly OutboxEntry[]): OutboxEntry[][] {
  const lines: OutboxEntry[][] = [];
  const byKey = new Map<string, OutboxEntry[]>();
  for (const entry of entries) {
    const known = entry.key === undefined ? undefined : byKey.get(entry.key);
    if (known !== undefined) {
      known.push(entry);
      continue;
    }
    const line = [entry];
    lines.push(line);
    if (entry.key !== undefined) byKey.set(entry.key, line);
  }
  return lines;
}

function lost(): SoraError {
  return new SoraError("SORA_LEASE_LOST", "Cannot publish the outbox here: another host does.");
}
