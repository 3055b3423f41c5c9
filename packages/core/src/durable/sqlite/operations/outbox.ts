import type { NewOutboxEntry, OutboxEntry, OutboxReport } from "../../store/outbox-store.ts";
import type { Session } from "./session.ts";

export function appendEntries({ sql, now }: Session, entries: readonly NewOutboxEntry[]): void {
  for (const { id, topic, key, payload, envelope } of entries) sql.run(appendSql, id, topic, key ?? null, payload ?? null, envelope, now, now);
}

const appendSql =
  "INSERT INTO sora_outbox (id, topic, key, payload, envelope, written_at, readable_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";

/** It passes what stands behind one of its key that waits for its time, and parks it, so that it is not passed again and again: from then on it is looked for by its key, and in no other way. */
export function readEntries(session: Session, limit: number): readonly OutboxEntry[] {
  const { sql, now } = session;
  if (sql.get(anyHeldSql) === undefined && sql.get(anyParkedSql) === undefined) return sql.all<EntryRow>(readSql, now, limit).map(shown);
  const next = [...walk(session, limit), ...parked(session, limit)].toSorted((one, other) => one - other).slice(0, limit);
  return next.map(sequence => shown(sql.get<EntryRow>(entrySql, sequence) as EntryRow));
}

/** Of what is not parked, the first that may be read. */
function walk({ sql, now }: Session, limit: number): readonly number[] {
  const free: number[] = [];
  const behind: number[] = [];
  for (let last = 0, more = true; more && free.length < limit;) {
    const steps = sql.all<[number, number, number]>(walkSql, now, last, stride);
    more = steps.length === stride;
    for (const [sequence, due, waits] of steps) {
      last = sequence;
      if (waits === 0 && due === 1) free.push(sequence);
      else if (waits === 1 && free.length < limit && behind.length < mostMoved) behind.push(sequence);
    }
  }
  if (behind.length > 0) sql.run(parkSql, JSON.stringify(behind));
  return free;
}

/** Of what is parked, the first of each key that may be read. What can be read out in one go is brought back, so that not each reading looks at every key that was ever held up. */
function parked({ sql, now }: Session, limit: number): readonly number[] {
  const found: number[] = [];
  const back: number[] = [];
  for (let key = sql.get<[string]>(parkedKeySql, ""); key !== undefined; key = sql.get<[string]>(parkedKeySql, key[0])) {
    const held = sql.get<[number]>(firstHeldSql, key[0], now)?.[0];
    const line = sql.all<[number]>(parkedOfKeySql, key[0], held ?? Number.MAX_SAFE_INTEGER, limit + 1);
    const isShort = held === undefined && line.length <= limit && back.length < mostMoved;
    for (const [sequence] of line) {
      found.push(sequence);
      if (isShort) back.push(sequence);
    }
  }
  if (back.length > 0) sql.run(bringBackSql, JSON.stringify(back));
  return found;
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
  const [waiting] = sql.get<[number]>(waitingSql) as [number];
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
/** So many are looked at together, and so many are parked or brought back by one reading at most, which is to be quick. */
const stride = 1_000;
const mostMoved = 20_000;

const readSql = `SELECT ${columns} FROM sora_outbox INDEXED BY sora_outbox_waiting WHERE dead = 0 AND parked = 0 AND readable_at <= ? ORDER BY sequence LIMIT ? + 0`;
const entrySql = `SELECT ${columns} FROM sora_outbox WHERE sequence = ?`;
const held = "sora_outbox INDEXED BY sora_outbox_held WHERE dead = 0 AND failures > 0 AND key IS NOT NULL";
const inPark = "sora_outbox INDEXED BY sora_outbox_parked WHERE dead = 0 AND parked = 1";
const anyHeldSql = `SELECT 1 FROM ${held} LIMIT 1`;
const anyParkedSql = `SELECT 1 FROM ${inPark} LIMIT 1`;
/** Only what has failed waits for a time, so only that can hold up others of its key. */
const walkSql = `
  SELECT sequence, readable_at <= ?1, key IS NOT NULL AND EXISTS (
    SELECT 1 FROM sora_outbox AS earlier INDEXED BY sora_outbox_held
    WHERE earlier.dead = 0 AND earlier.failures > 0 AND earlier.key IS NOT NULL AND earlier.key = entry.key AND earlier.sequence < entry.sequence AND earlier.readable_at > ?1)
  FROM sora_outbox AS entry INDEXED BY sora_outbox_waiting WHERE dead = 0 AND parked = 0 AND sequence > ?2 ORDER BY sequence LIMIT ?3 + 0`;
const parkSql = "UPDATE sora_outbox SET parked = 1 WHERE sequence IN (SELECT value FROM json_each(?))";
const bringBackSql = "UPDATE sora_outbox SET parked = 0 WHERE sequence IN (SELECT value FROM json_each(?))";
const parkedKeySql = `SELECT key FROM ${inPark} AND key > ? ORDER BY key LIMIT 1`;
const firstHeldSql = `SELECT sequence FROM ${held} AND key = ? AND readable_at > ? ORDER BY sequence LIMIT 1`;
const parkedOfKeySql = `SELECT sequence FROM ${inPark} AND key = ? AND sequence < ? ORDER BY sequence LIMIT ? + 0`;
const waitingSql = `
  SELECT (SELECT count(*) FROM sora_outbox INDEXED BY sora_outbox_waiting WHERE dead = 0 AND parked = 0) + (SELECT count(*) FROM ${inPark})`;
const deadSql = `SELECT ${columns} FROM sora_outbox INDEXED BY sora_outbox_dead WHERE dead = 1 ORDER BY sequence LIMIT ? + 0`;

function shown([sequence, id, topic, key, payload, envelope, writtenAt, , failures]: EntryRow): OutboxEntry {
  return { sequence, id, topic, ...(key !== null && { key }), ...(payload !== null && { payload }), envelope, writtenAt, failures };
}
