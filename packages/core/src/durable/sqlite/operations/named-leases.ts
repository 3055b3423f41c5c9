import type { Lease } from "../../store/lease-store.ts";
import type { Session } from "./session.ts";

/** Takes a name that is free, or renews it for its holder. A name stays known when it is free, since its token must go on rising. */
export function acquireLease({ sql, now }: Session, name: string, holder: string, ttl: number): Lease | undefined {
  const held = sql.get<[string | null, number, number]>("SELECT holder, token, expires_at FROM sora_leases WHERE name = ?", name);
  const current = held !== undefined && held[0] !== null && held[2] > now;
  if (current && held[0] !== holder) return undefined;
  const token = current ? held[1] : (held?.[1] ?? 0) + 1;
  sql.run(
    `INSERT INTO sora_leases (name, holder, token, expires_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = excluded.token, expires_at = excluded.expires_at`,
    name,
    holder,
    token,
    now + ttl,
  );
  return { name, holder, token };
}

export function renewLease({ sql, now }: Session, { name, holder, token }: Lease, ttl: number): boolean {
  return (
    sql.run("UPDATE sora_leases SET expires_at = ? WHERE name = ? AND holder = ? AND token = ? AND expires_at > ?", now + ttl, name, holder, token, now) > 0
  );
}

export function releaseLease({ sql }: Session, { name, holder, token }: Lease): void {
  sql.run("UPDATE sora_leases SET holder = NULL WHERE name = ? AND holder = ? AND token = ?", name, holder, token);
}

export function leaseHolder({ sql, now }: Session, name: string): Lease | undefined {
  const held = sql.get<[string, number]>("SELECT holder, token FROM sora_leases WHERE name = ? AND holder IS NOT NULL AND expires_at > ?", name, now);
  return held === undefined ? undefined : { name, holder: held[0], token: held[1] };
}
