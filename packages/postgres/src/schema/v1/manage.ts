import { carried } from "./finishing.ts";
import { entry } from "./planning.ts";

export function manage(schema: string): string {
  return `
-- Gives back what was run by workers that are lost. As JSON: what it was, and whether something may be begun now because of it, or once others have let go of its key.
CREATE FUNCTION ${schema}.recover(p_limit integer, p_keep double precision) RETURNS json ${entry} AS $sora$
DECLARE
  v_time double precision := ${schema}.now_ms();
  v_lost text[];
  v_rows tid[];
  v_finished json;
  v_waiting json;
  v_keys text[];
  v_ready tid[];
BEGIN
  DELETE FROM ${schema}.worker WHERE expires_at <= v_time;
  v_lost := ARRAY(
    WITH RECURSIVE runner AS (
      (SELECT worker FROM ${schema}.action WHERE phase = 'x' ORDER BY worker LIMIT 1)
      UNION ALL
      SELECT (SELECT a.worker FROM ${schema}.action a WHERE a.phase = 'x' AND a.worker > runner.worker ORDER BY a.worker LIMIT 1) FROM runner WHERE runner.worker IS NOT NULL
    )
    SELECT worker FROM runner WHERE worker IS NOT NULL AND NOT EXISTS (SELECT FROM ${schema}.worker w WHERE w.id = runner.worker));
  v_rows := ARRAY(SELECT ctid FROM ${schema}.action WHERE phase = 'x' AND worker = ANY (v_lost) LIMIT p_limit FOR UPDATE SKIP LOCKED);
  IF v_rows = '{}' THEN RETURN json_build_object('waiting', NULL, 'finished', NULL, 'ring', false); END IF;

  WITH gone AS (
    DELETE FROM ${schema}.action WHERE ctid = ANY (v_rows) AND (cancel_requested OR attempt >= attempts) RETURNING *
  ), kept AS (
    INSERT INTO ${schema}.finished (${carried}, finished_at, expires_at, outcome, error)
    SELECT ${carried}, floor(v_time), ${schema}.whole_ms(v_time + CASE WHEN cancel_requested THEN cancel_keep ELSE p_keep END), CASE WHEN cancel_requested THEN 'x'::"char" ELSE 'd' END,
      ${schema}.lost_worker(attempt, v_time)
    FROM gone WHERE CASE WHEN cancel_requested THEN cancel_keep ELSE p_keep END IS DISTINCT FROM 0
    ON CONFLICT DO NOTHING
  )
  SELECT json_agg(json_build_object('id', id, 'queue', queue, 'attempt', attempt, 'state', CASE WHEN cancel_requested THEN 'cancelled' ELSE 'dead' END)),
      array_agg(DISTINCT key) FILTER (WHERE key IS NOT NULL)
    INTO v_finished, v_keys FROM gone;
  WITH back AS (
    UPDATE ${schema}.action SET phase = 's', suspect = true, worker = NULL, due_at = floor(v_time), error = ${schema}.lost_worker(attempt, v_time)
    WHERE ctid = ANY (v_rows) RETURNING ctid, id, queue, attempt
  )
  SELECT json_agg(json_build_object('id', id, 'queue', queue, 'attempt', attempt, 'state', 'waiting')), array_agg(ctid) INTO v_waiting, v_ready FROM back;
  IF v_keys IS NOT NULL THEN v_ready := v_ready || ${schema}.free_keys(v_keys); END IF;
  RETURN json_build_object('waiting', v_waiting, 'finished', v_finished, 'ring', v_ready IS NOT NULL OR EXISTS (SELECT FROM ${schema}.unseen));
END $sora$;

CREATE FUNCTION ${schema}.lost_worker(p_attempt integer, p_time double precision) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $sora$
  SELECT jsonb_build_object('message', 'The worker that ran it was lost.', 'code', 'SORA_WORKER_LOST', 'attempt', p_attempt, 'at', floor(p_time)::bigint)
$sora$;

-- Cancels. As JSON: the ids of those that are, of those whose worker is to, and of those that had their outcome; and whether to ring, as in \`recover\`.
CREATE FUNCTION ${schema}.cancel(p_ids text[], p_keep double precision) RETURNS json ${entry} AS $sora$
DECLARE
  v_time double precision := ${schema}.now_ms();
  v_requested text[];
  v_cancelled text[];
  v_keys text[];
  v_finished text[];
  v_ready tid[];
BEGIN
  PERFORM FROM ${schema}.action WHERE id = ANY (p_ids) ORDER BY id FOR UPDATE;
  WITH requested AS (
    UPDATE ${schema}.action SET cancel_requested = true, cancel_keep = ${schema}.whole_ms(p_keep) WHERE id = ANY (p_ids) AND worker IS NOT NULL RETURNING id
  )
  SELECT array_agg(id) INTO v_requested FROM requested;
  WITH gone AS (
    DELETE FROM ${schema}.action WHERE id = ANY (p_ids) AND worker IS NULL RETURNING *
  ), kept AS (
    INSERT INTO ${schema}.finished (${carried}, finished_at, expires_at, outcome, error)
    SELECT ${carried}, floor(v_time), ${schema}.whole_ms(v_time + p_keep), 'x', error FROM gone WHERE p_keep IS DISTINCT FROM 0
    ON CONFLICT DO NOTHING
  )
  SELECT array_agg(id), array_agg(DISTINCT key) FILTER (WHERE key IS NOT NULL) INTO v_cancelled, v_keys FROM gone;
  SELECT array_agg(id) INTO v_finished FROM ${schema}.finished WHERE id = ANY (p_ids) AND id <> ALL (coalesce(v_cancelled, '{}'));
  IF v_keys IS NOT NULL THEN v_ready := ${schema}.free_keys(v_keys); END IF;
  RETURN json_build_object('requested', v_requested, 'cancelled', v_cancelled, 'finished', v_finished, 'ring', v_ready IS NOT NULL OR EXISTS (SELECT FROM ${schema}.unseen));
END $sora$;

-- Has actions tried again. As JSON: the state of each that is there.
CREATE FUNCTION ${schema}.retry(p_ids text[]) RETURNS json ${entry} AS $sora$
DECLARE
  v_time double precision := ${schema}.now_ms();
  v_states jsonb;
  v_waiting jsonb;
  v_back text[];
  v_keys text[];
  v_stepped_back tid[];
BEGIN
  PERFORM FROM ${schema}.action WHERE id = ANY (p_ids) ORDER BY id FOR UPDATE;
  SELECT coalesce(jsonb_object_agg(id, ${schema}.state_of(phase, failed, due_at, v_time)), '{}') INTO v_waiting FROM ${schema}.action WHERE id = ANY (p_ids);
  SELECT coalesce(jsonb_object_agg(id, ${schema}.outcome_of(outcome)), '{}') INTO v_states FROM ${schema}.finished WHERE id = ANY (p_ids);
  UPDATE ${schema}.action SET attempt = 0, failed = false, suspect = false, due_at = floor(v_time), phase = 'r' WHERE id = ANY (p_ids) AND failed;

  WITH gone AS (
    DELETE FROM ${schema}.finished WHERE id = ANY (p_ids) AND outcome <> 'c' RETURNING *
  ), back AS (
    INSERT INTO ${schema}.action (seq, rank, enqueued_at, due_at, started_at, attempts, fence, key_limit, id, queue, parameters, envelope, progress, error,
      key, idempotency_key, debounce_key, after, phase, let_in, chain_open)
    SELECT seq, rank, enqueued_at, floor(v_time), started_at, attempts, fence, key_limit, id, queue, parameters, envelope, progress, error,
      key, idempotency_key, debounce_key, after, CASE WHEN key IS NULL AND after IS NULL THEN 'r' ELSE 'b' END, key IS NULL, after IS NULL
    FROM gone RETURNING id, key
  )
  SELECT array_agg(id), array_agg(DISTINCT key) FILTER (WHERE key IS NOT NULL) INTO v_back, v_keys FROM back;
  IF v_back IS NOT NULL THEN
    UPDATE ${schema}.action a SET chain_open = NOT waits, phase = CASE WHEN let_in AND NOT waits THEN 'r' ELSE 'b' END
      FROM (SELECT id, ${schema}.held_for_next(after) AS waits FROM ${schema}.action WHERE id = ANY (v_back) AND after IS NOT NULL OFFSET 0) judged
      WHERE a.id = judged.id;
  END IF;
  IF v_keys IS NOT NULL THEN
    -- Those that were let in and wait for their chain step back into the line: they may wait for one of these.
    v_stepped_back := ARRAY(SELECT ctid FROM ${schema}.action WHERE key = ANY (v_keys) AND let_in AND NOT chain_open FOR NO KEY UPDATE SKIP LOCKED);
    UPDATE ${schema}.action SET let_in = false, phase = 'b' WHERE ctid = ANY (v_stepped_back);
    PERFORM ${schema}.free_keys(v_keys);
  END IF;
  RETURN v_states || v_waiting;
END $sora$;

-- Deletes what need not be kept any longer.
CREATE FUNCTION ${schema}.purge(p_limit integer) RETURNS integer ${entry} AS $sora$
DECLARE
  v_time double precision := ${schema}.now_ms();
  v_purged integer;
BEGIN
  DELETE FROM ${schema}.finished
  WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${schema}.finished WHERE expires_at <= v_time ORDER BY expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS v_purged = ROW_COUNT;
  RETURN v_purged;
END $sora$;

-- Writes progress of actions under way. The fences and ids of those that are still their reporter's.
CREATE FUNCTION ${schema}.report_progress(p_reports jsonb) RETURNS text[] ${entry} AS $sora$
DECLARE
  v_written text[];
BEGIN
  WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(p_reports) AS (id text, fence integer, progress text)
  ), written AS (
    UPDATE ${schema}.action a SET progress = g.progress FROM given g
    WHERE a.id = g.id AND a.fence = g.fence AND EXISTS (SELECT FROM ${schema}.worker w WHERE w.id = a.worker)
    RETURNING a.fence || ':' || a.id AS report
  )
  SELECT array_agg(report) INTO v_written FROM written;
  RETURN v_written;
END $sora$;
`;
}
