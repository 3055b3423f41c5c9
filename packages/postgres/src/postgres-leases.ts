import type { Lease, LeaseStore } from "@sora/core/adapter";
import type { Ground } from "./connection/ground.ts";
import type { Statement } from "./connection/statement.ts";

/** Named leases on PostgreSQL, on its clock. */
export class PostgresLeases implements LeaseStore {
  readonly #ground: Ground;
  readonly #acquire: Statement;
  readonly #renew: Statement;
  readonly #release: Statement;
  readonly #holder: Statement;

  constructor(ground: Ground) {
    const { schema } = ground;
    this.#ground = ground;
    const own = "name = $1 AND holder = $2 AND token = $3";
    this.#acquire = {
      name: "acquire_lease",
      text: `INSERT INTO ${schema}.lease AS l (name, holder, token, expires_at) VALUES ($1, $2, 1, ${schema}.now_ms() + $3)
        ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at,
          token = CASE WHEN l.holder = EXCLUDED.holder AND l.expires_at > ${schema}.now_ms() THEN l.token ELSE l.token + 1 END
          WHERE l.holder IS NULL OR l.holder = EXCLUDED.holder OR l.expires_at <= ${schema}.now_ms()
        RETURNING token`,
    };
    this.#renew = {
      name: "renew_lease",
      text: `UPDATE ${schema}.lease SET expires_at = ${schema}.now_ms() + $4 WHERE ${own} AND expires_at > ${schema}.now_ms() RETURNING token`,
    };
    this.#release = { name: "release_lease", text: `UPDATE ${schema}.lease SET holder = NULL WHERE ${own}` };
    this.#holder = {
      name: "lease_holder",
      text: `SELECT name, holder, token FROM ${schema}.lease WHERE name = $1 AND holder IS NOT NULL AND expires_at > ${schema}.now_ms()`,
    };
  }

  async acquire(name: string, holder: string, ttl: number): Promise<Lease | undefined> {
    const [row] = await this.#ground.database.rows<{ token: number }>("acquire a lease", this.#acquire, [name, holder, ttl]);
    return row === undefined ? undefined : { name, holder, token: row.token };
  }

  async renew({ name, holder, token }: Lease, ttl: number): Promise<boolean> {
    return (await this.#ground.database.rows("renew a lease", this.#renew, [name, holder, token, ttl])).length > 0;
  }

  async release({ name, holder, token }: Lease): Promise<void> {
    await this.#ground.database.rows("release a lease", this.#release, [name, holder, token]);
  }

  async holder(name: string): Promise<Lease | undefined> {
    return (await this.#ground.database.rows<Lease>("ask who holds a lease", this.#holder, [name]))[0];
  }
}
