import type { NewOutboxEntry, OutboxEntry, OutboxReport, OutboxStore } from "../store/outbox-store.ts";
import type { MemoryGround } from "./memory-ground.ts";

/** An entry that waits, and from when on it may be read. */
interface Waiting extends OutboxEntry {
  readonly readableAt: number;
}

type Dead = OutboxEntry & { readonly error: string };

/** The outbox of a memory store. */
export class MemoryOutbox implements OutboxStore {
  readonly #ground: MemoryGround;
  readonly #ids = new Set<string>();
  /** By sequence, ascending. */
  #waiting = new Map<number, Waiting>();
  readonly #dead = new Map<number, Dead>();
  #written = 0;
  #fence = 0;

  constructor(ground: MemoryGround) {
    this.#ground = ground;
  }

  async append(entries: readonly NewOutboxEntry[]): Promise<void> {
    const now = this.#ground.now();
    const copies = entries.map(entry => ({ ...entry })); // reads everything, so that what throws does so before anything is written
    for (const entry of copies) {
      if (this.#ids.has(entry.id)) continue;
      this.#ids.add(entry.id);
      const sequence = ++this.#written;
      this.#waiting.set(sequence, { ...entry, sequence, writtenAt: now, failures: 0, readableAt: now });
    }
  }

  async read(limit: number): Promise<readonly OutboxEntry[]> {
    const now = this.#ground.now();
    const read: OutboxEntry[] = [];
    const held = new Set<string>();
    for (const { readableAt, ...entry } of this.#waiting.values()) {
      if (read.length >= limit) break;
      if (entry.key !== undefined && held.has(entry.key)) continue;
      if (readableAt <= now) read.push(entry);
      else if (entry.key !== undefined) held.add(entry.key);
    }
    return read;
  }

  async report({ fence, published, failed }: OutboxReport): Promise<boolean> {
    const now = this.#ground.now();
    if (fence < this.#fence) return false;
    this.#fence = fence;
    for (const sequence of published) {
      const entry = this.#waiting.get(sequence);
      if (entry === undefined) continue;
      this.#waiting.delete(sequence);
      this.#ids.delete(entry.id);
    }
    for (const { sequence, error, delay, dead } of failed) {
      const entry = this.#waiting.get(sequence);
      if (entry === undefined) continue;
      const failures = entry.failures + 1;
      if (!dead) {
        this.#waiting.set(sequence, { ...entry, failures, readableAt: now + delay });
        continue;
      }
      const { readableAt: _, ...rest } = entry;
      this.#waiting.delete(sequence);
      this.#dead.set(sequence, { ...rest, failures, error });
    }
    return true;
  }

  async counts(): Promise<{ readonly waiting: number; readonly dead: number }> {
    this.#ground.now();
    return { waiting: this.#waiting.size, dead: this.#dead.size };
  }

  async dead(limit: number): Promise<readonly Dead[]> {
    this.#ground.now();
    return [...this.#dead.values()].toSorted((one, other) => one.sequence - other.sequence).slice(0, limit);
  }

  async retry(sequences: readonly number[]): Promise<number> {
    const now = this.#ground.now();
    let revived = 0;
    for (const sequence of new Set(sequences)) {
      const dead = this.#dead.get(sequence);
      if (dead === undefined) continue;
      const { error: _, ...entry } = dead;
      this.#dead.delete(sequence);
      this.#waiting.set(sequence, { ...entry, failures: 0, readableAt: now });
      revived++;
    }
    if (revived > 0) this.#waiting = new Map([...this.#waiting].toSorted(([one], [other]) => one - other));
    return revived;
  }
}
