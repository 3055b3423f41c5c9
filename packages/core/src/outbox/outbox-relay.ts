import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { retryDelay } from "../durable/retry-policy.ts";
import { outboxMessage } from "./outbox-message.ts";
import type { StoredRetry } from "../durable/retry-policy.ts";
import type { SingletonHolder } from "../durable/singleton-holder.ts";
import type { DurableStore } from "../durable/store/durable-store.ts";
import type { Lease } from "../durable/store/lease-store.ts";
import type { OutboxEntry, OutboxReport } from "../durable/store/outbox-store.ts";
import type { Chance } from "../time/chance.ts";
import type { OutboxMessage } from "./outbox-message.ts";

/**
 * The lease by which one host publishes a store's outbox. It is one for the store, whatever the processors are called, since the store remembers one token for all of them. The name is that of the
 * default processor, by which hosts of earlier versions hold it too.
 */
export const relayLease = "singleton:OutboxProcessor";

/** Milliseconds before a relay that was refused asks for the lease anew: this at first, doubling up to {@link longestRest}. */
const shortestRest = 100;
const longestRest = 1_000;
/** By so many at most the token of the next lease is higher than one that was refused. */
const mostTokens = 1_024;

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
  /** The lease whose token the store has taken for the highest. */
  #proven: Lease | undefined = undefined;
  /** How many tokens up to the last were lower than another relay's. */
  #behind = 0;
  /** Since something was last published. */
  #refusals = 0;

  constructor(parts: OutboxRelayParts) {
    this.#parts = parts;
  }

  /**
   * Publishes up to `size` messages, after the batch under way.
   *
   * @throws SoraError `SORA_LEASE_LOST` where another host publishes, or has taken over meanwhile; the lease is given up then, so that it is held again after a rest at the earliest.
   */
  batch(size: number): Promise<OutboxBatch> {
    const batch = this.#last.then(() => this.#publish(size));
    this.#last = batch.catch(() => {}); // whoever asked hears of it
    return batch;
  }

  async #publish(size: number): Promise<OutboxBatch> {
    const { store, holder } = this.#parts;
    const { lease } = holder;
    if (lease === undefined) throw lost();
    await this.#prove(lease);
    const entries = await store.outbox.read(size);
    if (entries.length === 0) return { published: 0, failed: 0 };
    const published: number[] = [];
    const failed: Failure[] = [];
    const lines = linesOf(entries);
    const workers = Array.from({ length: Math.min(this.#parts.concurrency, lines.length) }, async () => {
      for (let line = lines.shift(); line !== undefined; line = lines.shift()) await this.#publishLine(line, published, failed);
    });
    await Promise.all(workers);
    if (!(await store.outbox.report({ fence: lease.token, published, failed }))) await this.#refused(lease);
    this.#refusals = 0;
    const [first] = failed;
    return { published: published.length, failed: failed.length, ...(first === undefined ? undefined : { error: first.error }) };
  }

  /** Has the store refuse whoever was the relay before; by a token that would be refused itself, nothing goes out. */
  async #prove(lease: Lease): Promise<void> {
    if (this.#proven === lease) return;
    const isTaken = await this.#parts.store.outbox.report({ fence: lease.token, published: [], failed: [] });
    // A lease of another name, or one that the store has lost, may have been thousands ahead.
    if (!isTaken) await this.#refused(lease, Math.min(2 ** this.#behind++, mostTokens) - 1);
    const wasBehind = this.#behind > 0;
    this.#behind = 0;
    // The first token that is taken after a lower one was refused may be the other relay's own number, whose reports would be taken as well.
    if (wasBehind) await this.#refused(lease);
    this.#proven = lease;
  }

  async #refused(lease: Lease, further = 0): Promise<never> {
    await this.#parts.holder.renounce(lease, Math.min(shortestRest * 2 ** this.#refusals++, longestRest), further);
    throw lost();
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
      error: `${describeError(error).slice(0, 10_000)}${SoraError.is(error) ? ` [${error.code}]` : ""}`,
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
