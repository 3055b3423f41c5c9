import type { StoreBell } from "../../store/durable-store.ts";
import type { QueueIds } from "./queue-ids.ts";
import type { Statements } from "../connection/statements.ts";

/** What one operation works with: a transaction that is open on a connection, and the time that its caller had. */
export interface Session {
  readonly sql: Statements;
  readonly queues: QueueIds;
  readonly now: number;
  /** Milliseconds of a worker's lease. */
  readonly lease: number;
  readonly rings: Rings;
}

/** More ids than this are not named: whoever waits for one asks again. */
const mostNamed = 1_000;

/** What is to be told once the transaction has been committed. */
export class Rings {
  #ready = false;
  #scheduled = false;
  readonly #settled: string[] = [];
  readonly #cancelling: string[] = [];

  ready(): void {
    this.#ready = true;
  }

  scheduled(): void {
    this.#scheduled = true;
  }

  settled(id: string): void {
    this.#settled.push(id);
  }

  cancelling(id: string): void {
    this.#cancelling.push(id);
  }

  /** The bells, those for outcomes before the one for more work. */
  get bells(): readonly StoreBell[] {
    const bells: StoreBell[] = [];
    if (this.#settled.length > 0) bells.push(bell("settled", this.#settled));
    if (this.#cancelling.length > 0) bells.push(bell("cancelling", this.#cancelling));
    if (this.#scheduled) bells.push({ kind: "scheduled" });
    if (this.#ready) bells.push({ kind: "ready" });
    return bells;
  }
}

function bell(kind: "settled" | "cancelling", ids: readonly string[]): StoreBell {
  return ids.length > mostNamed ? { kind } : { kind, ids };
}
