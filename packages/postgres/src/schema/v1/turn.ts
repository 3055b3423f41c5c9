import { carried, carriedOf } from "./finishing.ts";
import { entry, inner } from "./planning.ts";

export function turn(schema: string): string {
  return `
-- Writes the outcomes of a worker's actions. The fences and ids of those that were still its own, and the others that may be begun now because of it, as in \`let_in\`.
CREATE FUNCTION ${schema}.settle(p_worker text, p_outcomes jsonb, p_time double precision, OUT settled text[], OUT ready tid[]) ${inner} AS $sora$
DECLARE
  v_keys text[];
  v_completed text[];
  v_unkept text[];
BEGIN
  WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(p_outcomes) AS (id text, fence integer, kind text, result text, "keepFor" double precision, error jsonb)
  ), gone AS (
    DELETE FROM ${schema}.action a USING given g WHERE a.id = g.id AND a.worker = p_worker AND a.fence = g.fence
    RETURNING ${carriedOf("a")}, a.error AS last_error, g.kind, g.result, g."keepFor", g.error
  ), kept AS (
    INSERT INTO ${schema}.finished (${carried}, finished_at, expires_at, outcome, result, error)
    SELECT ${carried}, floor(p_time), ${schema}.end_of_keeping(p_time, "keepFor"), CASE kind WHEN 'completed' THEN 'c'::"char" WHEN 'dead' THEN 'd' ELSE 'x' END, result, coalesce(error, last_error)
    FROM gone WHERE "keepFor" > 0 OR kind <> 'completed'
    ON CONFLICT DO NOTHING
  )
  SELECT array_agg(fence || ':' || id), array_agg(DISTINCT key) FILTER (WHERE key IS NOT NULL), array_agg(id) FILTER (WHERE kind = 'completed'),
      array_agg(id) FILTER (WHERE kind <> 'completed' AND "keepFor" <= 0)
    INTO settled, v_keys, v_completed, v_unkept FROM gone;
  IF v_unkept IS NOT NULL THEN PERFORM ${schema}.drop_unless_waited_for(v_unkept); END IF;
  IF v_keys IS NOT NULL THEN ready := ready || ${schema}.free_keys(v_keys); END IF;
  IF v_completed IS NOT NULL THEN ready := ready || ${schema}.open_chains(v_completed); END IF;
END $sora$;

-- The same for those that have been completed and are not kept, which are most.
CREATE FUNCTION ${schema}.drop_completed(p_worker text, p_ids text[], p_fences integer[], OUT settled text[], OUT ready tid[]) ${inner} AS $sora$
DECLARE
  v_ids text[];
  v_fences integer[];
  v_keys text[];
BEGIN
  WITH gone AS (
    DELETE FROM ${schema}.action a USING unnest(p_ids, p_fences) AS g (id, fence) WHERE a.id = g.id AND a.worker = p_worker AND a.fence = g.fence
    RETURNING a.id, a.fence, a.key
  )
  SELECT array_agg(id), array_agg(fence), array_agg(DISTINCT key) FILTER (WHERE key IS NOT NULL) INTO v_ids, v_fences, v_keys FROM gone;
  IF v_ids IS NULL THEN RETURN; END IF;
  settled := ARRAY(SELECT fence || ':' || id FROM unnest(v_ids, v_fences) AS g (id, fence));
  IF v_keys IS NOT NULL THEN ready := ready || ${schema}.free_keys(v_keys); END IF;
  ready := ready || ${schema}.open_chains(v_ids);
END $sora$;

-- Gives back a worker's actions, to be tried again; what was to be cancelled is. The fences and ids of those that were still its own, of these the ids of the ones that are cancelled, and those that may be
-- begun now because of it.
CREATE FUNCTION ${schema}.give_back(p_worker text, p_attempts jsonb, p_time double precision, OUT settled text[], OUT ended text[], OUT ready tid[]) ${inner} AS $sora$
DECLARE
  v_settled text[];
  v_keys text[];
  v_unkept text[];
BEGIN
  WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(p_attempts) AS (id text, fence integer, kind text, delay double precision, error jsonb)
  ), waiting AS (
    UPDATE ${schema}.action a SET
      worker = NULL,
      attempt = CASE WHEN g.kind = 'released' THEN a.attempt - 1 ELSE a.attempt END,
      failed = g.kind = 'failed',
      suspect = a.suspect AND g.kind = 'released',
      due_at = CASE WHEN g.delay > 0 THEN ${schema}.whole_ms(p_time + g.delay) ELSE floor(p_time)::bigint END,
      phase = CASE WHEN g.delay > 0 THEN 't'::"char" WHEN a.suspect AND g.kind = 'released' THEN 's' ELSE 'r' END,
      error = coalesce(g.error, a.error)
    FROM given g WHERE a.id = g.id AND a.worker = p_worker AND a.fence = g.fence AND NOT a.cancel_requested
    RETURNING a.ctid, a.id, a.fence, a.phase
  )
  SELECT array_agg(fence || ':' || id), array_agg(ctid) FILTER (WHERE phase <> 't') INTO settled, ready FROM waiting;
  IF coalesce(cardinality(settled), 0) = jsonb_array_length(p_attempts) THEN RETURN; END IF;

  WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(p_attempts) AS (id text, fence integer, kind text, error jsonb)
  ), gone AS (
    DELETE FROM ${schema}.action a USING given g WHERE a.id = g.id AND a.worker = p_worker AND a.fence = g.fence AND a.cancel_requested
    RETURNING ${carriedOf("a")}, a.cancel_keep, coalesce(g.error, a.error) AS error, g.kind
  ), kept AS (
    INSERT INTO ${schema}.finished (${carried}, finished_at, expires_at, outcome, error)
    SELECT ${carried.replace("attempt,", "CASE WHEN kind = 'released' THEN attempt - 1 ELSE attempt END,")}, floor(p_time), ${schema}.end_of_keeping(p_time, cancel_keep), 'x', error FROM gone
    ON CONFLICT DO NOTHING
  )
  SELECT array_agg(fence || ':' || id), array_agg(id), array_agg(DISTINCT key) FILTER (WHERE key IS NOT NULL), array_agg(id) FILTER (WHERE cancel_keep <= 0)
    INTO v_settled, ended, v_keys, v_unkept FROM gone;
  IF v_unkept IS NOT NULL THEN PERFORM ${schema}.drop_unless_waited_for(v_unkept); END IF;
  settled := settled || v_settled;
  IF v_keys IS NOT NULL THEN ready := ready || ${schema}.free_keys(v_keys); END IF;
END $sora$;

-- Has what has come due wait for a worker: so many at most.
CREATE FUNCTION ${schema}.come_due(p_time double precision, p_limit integer) RETURNS tid[] ${inner} AS $sora$
DECLARE
  v_due tid[];
BEGIN
  WITH due AS (
    UPDATE ${schema}.action SET phase = CASE WHEN suspect THEN 's' ELSE 'r' END
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${schema}.action WHERE phase = 't' AND due_at <= p_time ORDER BY due_at LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED))
    RETURNING ctid)
  SELECT array_agg(ctid) INTO v_due FROM due;
  RETURN v_due;
END $sora$;

-- Of these queues, those that are not paused.
CREATE FUNCTION ${schema}.not_paused(p_queues text[]) RETURNS text[] ${inner} AS $sora$
BEGIN
  IF NOT EXISTS (SELECT FROM ${schema}.paused) THEN RETURN p_queues; END IF;
  RETURN ARRAY(
    SELECT queue FROM unnest(p_queues) queue WHERE NOT EXISTS (
      SELECT FROM ${schema}.paused p WHERE p.service = split_part(queue, '/', 1) AND p.action IN ('', split_part(split_part(queue, '/', 2), '@', 1))));
END $sora$;

-- Of these queues, those in which something is ready. Few are looked into; of many, those are looked for that have work, by jumping through the index.
CREATE FUNCTION ${schema}.with_work(p_queues text[]) RETURNS text[] ${inner} AS $sora$
BEGIN
  IF cardinality(p_queues) <= 8 THEN
    RETURN ARRAY(SELECT q.queue FROM unnest(p_queues) AS q (queue) WHERE EXISTS (SELECT FROM ${schema}.action a WHERE a.phase = 'r' AND a.queue = q.queue));
  END IF;
  RETURN ARRAY(
    WITH RECURSIVE ready AS (
      (SELECT queue FROM ${schema}.action WHERE phase = 'r' ORDER BY queue LIMIT 1)
      UNION ALL
      SELECT (SELECT a.queue FROM ${schema}.action a WHERE a.phase = 'r' AND a.queue > ready.queue ORDER BY a.queue LIMIT 1) FROM ready WHERE ready.queue IS NOT NULL
    )
    SELECT queue FROM ready WHERE queue = ANY (p_queues));
END $sora$;

-- One turn of a worker, as JSON: see \`WorkerTurn\`. Of the settlements, \`done\` and \`fences\` are those that are completed and not kept, \`outcomes\` the other outcomes, \`retries\` the rest;
-- \`limits\` are the queues that have any.
CREATE FUNCTION ${schema}.turn(p_worker text, p_done text[], p_fences integer[], p_outcomes jsonb, p_retries jsonb, p_holds text[], p_queues text[], p_most integer, p_ahead integer, p_suspect boolean, p_limits jsonb) RETURNS json ${entry} AS $sora$
DECLARE
  v_time double precision := ${schema}.now_ms();
  v_settled text[];
  v_given integer := coalesce(cardinality(p_done), 0) + coalesce(jsonb_array_length(p_outcomes), 0) + coalesce(jsonb_array_length(p_retries), 0);
  v_more text[];
  v_ended text[];
  v_also_ended text[];
  v_ready tid[];
  v_freed tid[];
  v_unseen boolean;
  v_left boolean := false;           -- of those, one that this turn does not hand out
  v_due bigint;
  v_due_in double precision;
  v_claimed json;
BEGIN
  IF NOT EXISTS (SELECT FROM ${schema}.worker WHERE id = p_worker) THEN RETURN json_build_object('held', false, 'now', floor(v_time)); END IF;
  IF p_done IS NOT NULL THEN
    SELECT settled, ready INTO v_settled, v_ready FROM ${schema}.drop_completed(p_worker, p_done, p_fences);
  END IF;
  IF p_outcomes IS NOT NULL THEN
    SELECT settled, ready INTO v_more, v_freed FROM ${schema}.settle(p_worker, p_outcomes, v_time);
    v_settled := v_settled || v_more;
    v_ready := v_ready || v_freed;
  END IF;
  IF p_retries IS NOT NULL THEN
    SELECT settled, ended, ready INTO v_more, v_ended, v_freed FROM ${schema}.give_back(p_worker, p_retries, v_time);
    v_settled := v_settled || v_more;
    v_ready := v_ready || v_freed;
  END IF;
  IF p_holds IS NOT NULL THEN
    SELECT ended, ready INTO v_also_ended, v_freed FROM ${schema}.give_back(p_worker, (
      SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'fence', fence, 'kind', 'released')), '[]')
      FROM ${schema}.action WHERE phase = 'x' AND worker = p_worker AND id <> ALL (p_holds)), v_time);
    v_ready := v_ready || v_freed;
  END IF;
  v_unseen := EXISTS (SELECT FROM ${schema}.unseen);
  IF v_unseen THEN v_ready := v_ready || ${schema}.look_again(); END IF;

  IF p_queues IS NOT NULL THEN
    SELECT due_at INTO v_due FROM ${schema}.action WHERE phase = 't' ORDER BY due_at LIMIT 1;
    IF v_due <= v_time THEN
      v_ready := v_ready || ${schema}.come_due(v_time, 500);
      SELECT due_at INTO v_due FROM ${schema}.action WHERE phase = 't' ORDER BY due_at LIMIT 1;
    END IF;
    SELECT claimed, due_in INTO v_claimed, v_due_in
      FROM ${schema}.claim(p_worker, ${schema}.not_paused(p_queues), p_most, p_ahead, p_suspect, p_limits, v_time);
    v_due_in := least(v_due_in, CASE WHEN v_due - v_time < 1 THEN v_due - v_time ELSE floor(v_due - v_time) END);
    IF EXISTS (SELECT FROM ${schema}.unseen) THEN v_due_in := least(v_due_in, 50); END IF;
  ELSIF v_unseen THEN
    v_left := EXISTS (SELECT FROM ${schema}.unseen); -- for others to look at again
  END IF;
  IF v_ready <> '{}' AND NOT v_left THEN v_left := EXISTS (SELECT FROM ${schema}.action WHERE ctid = ANY (v_ready)); END IF;
  RETURN json_build_object('held', true, 'settled', CASE WHEN cardinality(v_settled) = v_given THEN to_json(true) ELSE to_json(v_settled) END, 'ended', v_ended || v_also_ended, 'claimed', v_claimed, 'now', floor(v_time), 'dueIn', v_due_in, 'ring', v_left);
END $sora$;
`;
}
