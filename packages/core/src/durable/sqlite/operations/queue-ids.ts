import { parseQueueName } from "../../store/queue-name.ts";
import type { Statements } from "../connection/statements.ts";

/**
 * The numbers by which queues stand in rows. They are given once and stay, so a connection may remember those it has seen, but not those of a transaction that was rolled
 * back: see {@link forget}.
 */
export class QueueIds {
  readonly #sql: Statements;
  readonly #ids = new Map<string, number>();
  readonly #names = new Map<number, string>();

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  /** The number of a queue, which it is given where it has none. */
  of(name: string): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const { service, action } = parseQueueName(name);
    const [id] = this.#sql.get<[number]>("SELECT id FROM sora_queues WHERE name = ?", name) ?? [
      this.#sql.insert("INSERT INTO sora_queues (name, service, action) VALUES (?, ?, ?)", name, service, action) as number,
    ];
    this.#remember(id, name);
    return id;
  }

  /** The name of a number that a row has. */
  name(id: number): string {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const [name] = this.#sql.get<[string]>("SELECT name FROM sora_queues WHERE id = ?", id) as [string];
    this.#remember(id, name);
    return name;
  }

  /** A transaction that may have given numbers was rolled back. */
  forget(): void {
    this.#ids.clear();
    this.#names.clear();
  }

  #remember(id: number, name: string): void {
    this.#ids.set(name, id);
    this.#names.set(id, name);
  }
}
