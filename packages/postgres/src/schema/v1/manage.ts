import { carried } from "./finishing.ts";
import { entry, inner } from "./planning.ts";

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
  v_unkept text[];
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
    SELECT ${carried}, floor(v_time), ${schema}.end_of_keeping(v_time, CASE WHEN cancel_requested THEN cancel_keep ELSE p_keep END), CASE WHEN cancel_requested THEN 'x'::"char" ELSE 'd' END,
      ${schema}.lost_worker(attempt, v_time)
    FROM gone
    ON CONFLICT DO NOTHING
  )
  SELECT json_agg(json_build_object('id', id, 'queue', queue, 'attempt', attempt, 'state', CASE WHEN cancel_requested THEN 'cancelled' ELSE 'dead' END)),
      array_agg(DISTINCT key) FILTER (WHERE key IS NOT NULL), array_agg(id) FILTER (WHERE CASE WHEN cancel_requested THEN cancel_keep ELSE p_keep END <= 0)
    INTO v_finished, v_keys, v_unkept FROM gone;
  IF v_unkept IS NOT NULL THEN PERFORM ${schema}.drop_unless_waited_for(v_unkept); END IF;
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

-- Cancels. As JSON: the ids of those that are, of these those that are kept, of those whose worker is to, and of those that had their outcome; and whether to ring, as in \`recover\`.
CREATE FUNCTION ${schema}.cancel(p_ids text[], p_keep double precision) RETURNS json ${entry} AS $sora$
DECLARE
  v_time double precision := ${schema}.now_ms();
  v_requested text[];
  v_cancelled text[];
  v_keys text[];
  v_finished text[];
  v_kept text[];
  v_waiting text[];
  v_before text[];                   -- what each of these waited for
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
    SELECT ${carried}, floor(v_time), ${schema}.end_of_keeping(v_time, p_keep), CASE WHEN chain_open THEN 'x'::"char" ELSE 'w' END, error FROM gone
    ON CONFLICT DO NOTHING
  )
  SELECT array_agg(id), array_agg(DISTINCT key) FILTER (WHERE key IS NOT NULL), array_agg(id) FILTER (WHERE NOT chain_open), array_agg(after) FILTER (WHERE NOT chain_open)
    INTO v_cancelled, v_keys, v_waiting, v_before FROM gone;
  IF p_keep <= 0 THEN
    -- One after the other, as they are named: one that is named behind what it waits for still waits for it then.
    DELETE FROM ${schema}.finished f WHERE f.id = ANY (v_cancelled) AND NOT ${schema}.is_waited_for(f.id) AND NOT EXISTS (
      SELECT FROM unnest(v_waiting, v_before) AS w (id, before) WHERE w.before = f.id AND array_position(p_ids, w.id) > array_position(p_ids, f.id));
  END IF;
  SELECT array_agg(id) INTO v_kept FROM ${schema}.finished WHERE id = ANY (v_cancelled);
  SELECT array_agg(id) INTO v_finished FROM ${schema}.finished WHERE id = ANY (p_ids) AND id <> ALL (coalesce(v_cancelled, '{}'));
  IF v_keys IS NOT NULL THEN v_ready := ${schema}.free_keys(v_keys); END IF;
  RETURN json_build_object('requested', v_requested, 'cancelled', v_cancelled, 'kept', v_kept, 'finished', v_finished, 'ring', v_ready IS NOT NULL OR EXISTS (SELECT FROM ${schema}.unseen));
END $sora$;

-- Has actions tried again, but for those that were cancelled while they waited for one that is not stored any more: nobody knows whether that would have completed. As JSON: the state of each that is
-- there, and the ids of those that are left as they are for this.
CREATE FUNCTION ${schema}.retry(p_ids text[]) RETURNS json ${entry} AS $sora$
DECLARE
  v_time double precision := ${schema}.now_ms();
  v_states jsonb;
  v_waiting jsonb;
  v_back text[];
  v_left text[];
  v_keys text[];
  v_stepped_back tid[];
BEGIN
  PERFORM FROM ${schema}.action WHERE id = ANY (p_ids) ORDER BY id FOR UPDATE;
  v_back := ARRAY(SELECT id FROM ${schema}.finished WHERE id = ANY (p_ids) AND outcome <> 'c' ORDER BY id FOR UPDATE);
  v_left := ARRAY(
    SELECT id FROM (SELECT id, ${schema}.held_for_next(after) AS waits FROM ${schema}.finished WHERE id = ANY (v_back) AND outcome = 'w' OFFSET 0) judged WHERE waits IS NULL);
  SELECT coalesce(jsonb_object_agg(id, ${schema}.state_of(phase, failed, due_at, v_time)), '{}') INTO v_waiting FROM ${schema}.action WHERE id = ANY (p_ids);
  SELECT coalesce(jsonb_object_agg(id, ${schema}.outcome_of(outcome)), '{}') INTO v_states FROM ${schema}.finished WHERE id = ANY (p_ids);
  UPDATE ${schema}.action SET attempt = 0, failed = false, suspect = false, due_at = floor(v_time), phase = 'r' WHERE id = ANY (p_ids) AND failed;

  WITH gone AS (
    DELETE FROM ${schema}.finished WHERE id = ANY (v_back) AND id <> ALL (v_left) RETURNING *
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
      FROM (SELECT id, coalesce(${schema}.held_for_next(after), false) AS waits FROM ${schema}.action WHERE id = ANY (v_back) AND after IS NOT NULL OFFSET 0) judged
      WHERE a.id = judged.id;
  END IF;
  IF v_keys IS NOT NULL THEN
    -- Those that were let in and wait for their chain step back into the line: they may wait for one of these.
    v_stepped_back := ARRAY(SELECT ctid FROM ${schema}.action WHERE key = ANY (v_keys) AND let_in AND NOT chain_open FOR NO KEY UPDATE SKIP LOCKED);
    UPDATE ${schema}.action SET let_in = false, phase = 'b' WHERE ctid = ANY (v_stepped_back);
    PERFORM ${schema}.free_keys(v_keys);
  END IF;
  RETURN json_build_object('states', v_states || v_waiting, 'left', v_left);
END $sora$;

-- Deletes what need not be kept any longer, and cancels what waits for it in its chain, and what waits for that. As JSON: how many are deleted, and the ids of those that are cancelled.
CREATE FUNCTION ${schema}.purge(p_limit integer, p_keep double precision) RETURNS json ${entry} AS $sora$
DECLARE
  v_time double precision := ${schema}.now_ms();
  v_over tid[];
  v_deleted integer := 0;
  v_count integer;
  v_cancelled text[] := '{}';
  v_stranded text[];
BEGIN
  LOOP
    v_over := ARRAY(SELECT ctid FROM ${schema}.finished WHERE expires_at <= v_time ORDER BY expires_at LIMIT p_limit - v_deleted - cardinality(v_cancelled) FOR UPDATE SKIP LOCKED);
    EXIT WHEN v_over = '{}';
    -- Whoever stores or retries one that waits holds what it waits for: so it is seen by this statement, which comes after the one that took hold.
    DELETE FROM ${schema}.finished WHERE ctid = ANY (v_over) AND (outcome = 'c' OR NOT ${schema}.is_waited_for(id));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_deleted := v_deleted + v_count;
    EXIT WHEN v_count = cardinality(v_over);
    v_stranded := ${schema}.cancel_stranded(v_over, p_limit - v_deleted - cardinality(v_cancelled), v_time, p_keep);
    EXIT WHEN v_stranded IS NULL;
    v_cancelled := v_cancelled || v_stranded;
  END LOOP;
  RETURN json_build_object('deleted', v_deleted, 'cancelled', v_cancelled);
END $sora$;

-- Cancels at most so many of those that wait for these finished actions, which this transaction has locked; their ids. What nobody waits for any more is kept for as long as they are. It waits for
-- nobody: those that are locked are left for the next purge, and whoever takes a turn next lets in the next of their keys.
CREATE FUNCTION ${schema}.cancel_stranded(p_over tid[], p_limit integer, p_time double precision, p_keep double precision) RETURNS text[] ${inner} AS $sora$
DECLARE
  v_before text[] := ARRAY(SELECT id FROM ${schema}.finished WHERE ctid = ANY (p_over));
  v_rows tid[];
  v_stranded text[];
  v_keys text[];
BEGIN
  v_rows := ARRAY(SELECT ctid FROM ${schema}.action WHERE after = ANY (v_before) AND NOT chain_open LIMIT p_limit FOR UPDATE SKIP LOCKED);
  WITH gone AS (
    DELETE FROM ${schema}.action WHERE ctid = ANY (v_rows) RETURNING *, ${schema}.is_waited_for(id) AS waited_for
  ), kept AS (
    INSERT INTO ${schema}.finished (${carried}, finished_at, expires_at, outcome, error)
    SELECT ${carried}, floor(p_time), ${schema}.end_of_keeping(p_time, CASE WHEN waited_for THEN 0 ELSE p_keep END), 'w', ${schema}.chain_stopped(after, attempt, p_time)
    FROM gone WHERE waited_for OR p_keep IS NULL OR p_keep > 0
    ON CONFLICT DO NOTHING
  )
  SELECT array_agg(id), array_agg(DISTINCT key) FILTER (WHERE key IS NOT NULL) INTO v_stranded, v_keys FROM gone;
  INSERT INTO ${schema}.unseen SELECT 'k', key FROM unnest(v_keys) AS key;
  UPDATE ${schema}.finished SET expires_at = ${schema}.end_of_keeping(p_time, p_keep) WHERE id = ANY (v_before) AND NOT ${schema}.is_waited_for(id);
  RETURN v_stranded;
END $sora$;

CREATE FUNCTION ${schema}.chain_stopped(p_after text, p_attempt integer, p_time double precision) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $sora$
  SELECT jsonb_build_object('message', 'It waited for ' || p_after || ', which was not completed, and whose retention is over.', 'code', 'SORA_CHAIN_STOPPED', 'attempt', p_attempt, 'at', floor(p_time)::bigint)
$sora$;

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
