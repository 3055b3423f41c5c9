import type { NewOutboxEntry, OutboxEntry, OutboxReport } from "../../store/outbox-store.ts";
import type { Session } from "./session.ts";

export function appendEntries({ sql, now }: Session, entries: readonly NewOutboxEntry[]): void {
  for (const { id, topic, key, payload, envelope } of entries) sql.run(appendSql, id, topic, key ?? null, payload ?? null, envelope, now, now);
}

const appendSql =
  "INSERT INTO sora_outbox (id, topic, key, payload, envelope, written_at, readable_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";

export function readEntries({ sql, now }: Session, limit: number): readonly OutboxEntry[] {
  return sql.all<EntryRow>(readSql, now, limit).map(shown);
}

export function reportEntries({ sql, now }: Session, { fence, published, failed }: OutboxReport): boolean {
  const before = sql.get<[number]>("SELECT fence FROM sora_relay WHERE one = 1");
  if (before !== undefined && fence < before[0]) return false;
  if (before?.[0] !== fence) sql.run("INSERT INTO sora_relay (one, fence) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET fence = excluded.fence", fence);
  for (const sequence of published) sql.run("DELETE FROM sora_outbox WHERE sequence = ? AND dead = 0", sequence);
  for (const { sequence, error, delay, dead } of failed) sql.run(failSql, dead ? 1 : 0, error, now + delay, sequence);
  return true;
}

const failSql = "UPDATE sora_outbox SET failures = failures + 1, dead = ?, error = ?, readable_at = ? WHERE sequence = ? AND dead = 0";

export function countEntries({ sql }: Session): { readonly waiting: number; readonly dead: number } {
  const [waiting] = sql.get<[number]>("SELECT count(*) FROM sora_outbox INDEXED BY sora_outbox_waiting WHERE dead = 0") as [number];
  const [dead] = sql.get<[number]>("SELECT count(*) FROM sora_outbox INDEXED BY sora_outbox_dead WHERE dead = 1") as [number];
  return { waiting, dead };
}

export function deadEntries({ sql }: Session, limit: number): readonly (OutboxEntry & { readonly error: string })[] {
  return sql.all<EntryRow>(deadSql, limit).map(row => ({ ...shown(row), error: row[7] as string }));
}

export function retryEntries({ sql, now }: Session, sequences: readonly number[]): number {
  return sequences.filter(
    sequence => sql.run("UPDATE sora_outbox SET dead = 0, failures = 0, error = NULL, readable_at = ? WHERE sequence = ? AND dead = 1", now, sequence) > 0,
  ).length;
}

type EntryRow = readonly [
  sequence: number,
  id: string,
  topic: string,
  key: string | null,
  payload: string | null,
  envelope: string,
  writtenAt: number,
  error: string | null,
  failures: number,
];

const columns = "sequence, id, topic, key, payload, envelope, written_at, error, failures";
/** Only what has failed waits for a time, so only that can hold up others of its key. */
const readSql = `
  SELECT ${columns} FROM sora_outbox AS entry INDEXED BY sora_outbox_waiting
  WHERE dead = 0 AND readable_at <= ?1 AND (key IS NULL OR NOT EXISTS (
    SELECT 1 FROM sora_outbox AS earlier INDEXED BY sora_outbox_held
    WHERE earlier.dead = 0 AND earlier.failures > 0 AND earlier.key IS NOT NULL AND earlier.key = entry.key AND earlier.sequence < entry.sequence AND earlier.readable_at > ?1))
  ORDER BY sequence LIMIT ?2 + 0`;
const deadSql = `SELECT ${columns} FROM sora_outbox INDEXED BY sora_outbox_dead WHERE dead = 1 ORDER BY sequence LIMIT ? + 0`;

function shown([sequence, id, topic, key, payload, envelope, writtenAt, , failures]: EntryRow): OutboxEntry {
  return { sequence, id, topic, ...(key !== null && { key }), ...(payload !== null && { payload }), envelope, writtenAt, failures };
}
