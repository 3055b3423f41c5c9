import { Outbox, serviceEvent, SoraServices } from "@sora/core";
import type { SoraHost } from "@sora/core";
import type pg from "pg";
import * as z from "zod";
import { InvoiceService } from "./services/invoice.service.ts";

export const OrderPlaced = serviceEvent("OrderPlaced", z.object({ order: z.number(), customer: z.string(), cents: z.number() }));

export interface NewOrder {
  readonly customer: string;
  readonly cents: number;
}

/** The program's own table, in the same database as the store. */
export class OrderBook {
  readonly #pool: pg.Pool;
  readonly #host: SoraHost;

  constructor(pool: pg.Pool, host: SoraHost) {
    this.#pool = pool;
    this.#host = host;
  }

  async prepare(): Promise<void> {
    await this.#pool.query(
      "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer text NOT NULL, cents bigint NOT NULL CHECK (cents > 0))",
    );
  }

  /** Writes the order, tells of it, and asks for its invoice: all three become true with the commit, or none. The order's number. */
  async place({ customer, cents }: NewOrder): Promise<number> {
    const transaction = await this.#pool.connect();
    try {
      await transaction.query("BEGIN");
      const { rows } = await transaction.query<{ id: string }>("INSERT INTO orders (customer, cents) VALUES ($1, $2) RETURNING id", [
        customer,
        Math.abs(cents),
      ]);
      const order = Number(rows[0]?.id);
      await this.#host.get(Outbox).append(OrderPlaced, { order, customer, cents }, { key: customer, transaction });
      await SoraServices.of(InvoiceService).do("send", { order, customer }).withIdempotencyKey(`order-${order}`).enqueue({ transaction });
      if (cents <= 0) throw new RangeError(`An order of ${cents} cents is none.`); // noticed late, as such things are
      await transaction.query("COMMIT");
      return order;
    } catch (error) {
      await transaction.query("ROLLBACK");
      throw error;
    } finally {
      transaction.release();
    }
  }

  async count(): Promise<number> {
    const { rows } = await this.#pool.query<{ n: string }>("SELECT count(*) AS n FROM orders");
    return Number(rows[0]?.n);
  }
}
