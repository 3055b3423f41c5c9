import { entry } from "./planning.ts";

/** How many are parked, and how many brought back, by one reading at most, which is to be quick. */
const mostMoved = 20_000;

/**
 * The outbox is read in the order of writing, past what stands behind one of its key that waits for its time. So that it is not passed again and again, whoever reads parks it: from then on it is
 * looked for by its key, and in no other way. So that not each reading looks at every key that was ever held up, it brings back what it can read out in one go.
 */
export function outbox(schema: string): string {
  /** The first of a key that waits for its time. By a range of keys that holds one, and in an order that names the key: an index of sequences, in which all of them would be looked through, is no way to either. */
  const held = (key: string): string => `SELECT h.seq FROM ${schema}.outbox h
      WHERE h.key >= ${key} AND h.key <= ${key} AND h.due_at > 0 AND NOT h.dead AND h.due_at > v_time ORDER BY h.key, h.seq LIMIT 1`;

  return `
CREATE TABLE ${schema}.outbox (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  written_at bigint NOT NULL,
  due_at bigint NOT NULL DEFAULT 0,      -- above 0 where publishing has failed
  failures integer NOT NULL DEFAULT 0,
  dead boolean NOT NULL DEFAULT false,
  parked boolean NOT NULL DEFAULT false, -- looked for by its key, as it stood behind one of it
  id text COLLATE "C" NOT NULL UNIQUE,
  topic text NOT NULL,
  key text COLLATE "C",
  payload text,
  envelope text NOT NULL,
  error text
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX outbox_waiting ON ${schema}.outbox (seq) WHERE NOT dead AND NOT parked;
CREATE INDEX outbox_parked ON ${schema}.outbox (key, seq) WHERE parked AND NOT dead;
CREATE INDEX outbox_failed ON ${schema}.outbox (key, seq) WHERE due_at > 0 AND NOT dead;
CREATE INDEX outbox_dead ON ${schema}.outbox (seq) WHERE dead;

-- The highest token of a relay that has reported.
CREATE TABLE ${schema}.relay (fence bigint NOT NULL) WITH (fillfactor = 50);
INSERT INTO ${schema}.relay VALUES (0);

-- Writes entries into the outbox, in the transaction that it is called in: an array of { id, topic, key, payload, envelope }, all texts, of which id, key, payload and envelope may be left out.
CREATE FUNCTION ${schema}.append_outbox(entries jsonb) RETURNS void LANGUAGE sql AS $sora$
  INSERT INTO ${schema}.outbox (id, topic, key, payload, envelope, written_at)
  SELECT coalesce(n.id, gen_random_uuid()::text), n.topic, n.key, n.payload, coalesce(n.envelope, '{}'), floor(${schema}.now_ms())
  FROM ROWS FROM (jsonb_to_recordset(entries) AS (id text, topic text, key text, payload text, envelope text)) WITH ORDINALITY AS n ORDER BY ordinality
  ON CONFLICT (id) DO NOTHING
$sora$;

CREATE FUNCTION ${schema}.read_outbox(p_limit integer) RETURNS SETOF ${schema}.outbox ${entry} AS $sora$
DECLARE
  v_time double precision := ${schema}.now_ms();
  v_entry record;
  v_free bigint[] := '{}';
  v_found bigint[];
  v_back bigint[];
  v_moved tid[] := '{}';
BEGIN
  IF NOT EXISTS (SELECT FROM ${schema}.outbox WHERE due_at > 0 AND NOT dead) AND NOT EXISTS (SELECT FROM ${schema}.outbox WHERE parked AND NOT dead) THEN -- the usual case
    RETURN QUERY SELECT * FROM ${schema}.outbox WHERE NOT dead AND NOT parked ORDER BY seq LIMIT p_limit;
    RETURN;
  END IF;

  PERFORM FROM ${schema}.relay FOR UPDATE; -- one after the other: what another reading moves between these statements would be in none of them, and what stands behind it would come first
  FOR v_entry IN
    SELECT o.ctid AS place, o.seq, o.due_at <= v_time AS due, coalesce((${held("o.key")}) < o.seq, false) AS waits
    FROM ${schema}.outbox o WHERE NOT o.dead AND NOT o.parked ORDER BY o.seq
  LOOP
    IF NOT v_entry.waits THEN
      IF v_entry.due THEN v_free := v_free || v_entry.seq; END IF;
      EXIT WHEN cardinality(v_free) >= p_limit;
    ELSIF cardinality(v_moved) < ${mostMoved} THEN
      v_moved := v_moved || v_entry.place;
    END IF;
  END LOOP;

  WITH RECURSIVE line AS (
    (SELECT o.key FROM ${schema}.outbox o WHERE o.parked AND NOT o.dead ORDER BY o.key LIMIT 1)
    UNION ALL
    SELECT (SELECT o.key FROM ${schema}.outbox o WHERE o.parked AND NOT o.dead AND o.key > line.key ORDER BY o.key LIMIT 1) FROM line WHERE line.key IS NOT NULL
  ), found AS (
    SELECT first.seq, held.seq IS NULL AND count(*) OVER (PARTITION BY line.key) <= p_limit AS is_short
    FROM line LEFT JOIN LATERAL (${held("line.key")}) held ON true CROSS JOIN LATERAL (
      SELECT o.seq FROM ${schema}.outbox o WHERE o.parked AND NOT o.dead AND o.key >= line.key AND o.key <= line.key ORDER BY o.key, o.seq LIMIT p_limit + 1
    ) first WHERE held.seq IS NULL OR first.seq < held.seq
  )
  SELECT array_agg(seq), array_agg(seq) FILTER (WHERE is_short) INTO v_found, v_back FROM found;
  IF v_back IS NOT NULL THEN
    v_moved := v_moved || ARRAY(SELECT ctid FROM ${schema}.outbox WHERE seq = ANY (v_back[:${mostMoved}]) AND parked);
  END IF;
  IF v_moved <> '{}' THEN UPDATE ${schema}.outbox SET parked = NOT parked WHERE ctid = ANY (v_moved) AND NOT dead; END IF;

  RETURN QUERY SELECT * FROM ${schema}.outbox WHERE seq = ANY (ARRAY(SELECT f.seq FROM unnest(v_free || v_found) AS f (seq) ORDER BY f.seq LIMIT p_limit)) ORDER BY seq;
END $sora$;

CREATE FUNCTION ${schema}.report_outbox(p_fence bigint, p_published bigint[], p_failed jsonb) RETURNS boolean ${entry} AS $sora$
DECLARE
  v_time double precision := ${schema}.now_ms();
BEGIN
  UPDATE ${schema}.relay SET fence = p_fence WHERE fence <= p_fence;
  IF NOT FOUND THEN RETURN false; END IF;
  DELETE FROM ${schema}.outbox WHERE seq = ANY (p_published) AND NOT dead;
  UPDATE ${schema}.outbox o SET failures = failures + 1, dead = f.dead, error = f.error, due_at = ${schema}.whole_ms(v_time + f.delay)
    FROM jsonb_to_recordset(p_failed) AS f (sequence bigint, error text, delay double precision, dead boolean)
    WHERE o.seq = f.sequence AND NOT o.dead;
  RETURN true;
END $sora$;
`;
}
