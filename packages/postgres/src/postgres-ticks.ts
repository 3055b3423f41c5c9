import type { Tick, TickAnswer, TickStore } from "@sora/core/adapter";
import type { Ground } from "./connection/ground.ts";
import type { Statement } from "./connection/statement.ts";

/** The last ticks of periodic services on PostgreSQL. */
export class PostgresTicks implements TickStore {
  readonly #ground: Ground;
  readonly #last: Statement;
  readonly #take: Statement;

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#last = { name: "last_ticks", text: `SELECT service, last FROM ${ground.schema}.tick WHERE service = ANY ($1)` };
    this.#take = { name: "take_tick", text: `SELECT taken, last FROM ${ground.schema}.take_tick($1, $2, $3, $4)` };
  }

  async last(services: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#ground.database.rows<{ service: string; last: number }>("read the last ticks", this.#last, [services]);
    return new Map(rows.map(({ service, last }) => [service, last]));
  }

  async take({ service, at, gap, fence }: Tick): Promise<TickAnswer> {
    const { taken, last } = await this.#ground.database.row<TickAnswer>("take a tick", this.#take, [service, at, gap, fence ?? null]);
    return { taken, last };
  }
}
