import { inner } from "./planning.ts";

/** Bytes of parameters beyond which nothing more is handed out in one turn: its answer has to come in the time that a call has. */
const heaviest = 8_388_608;
/** Tokens are counted in fractions, which add up only nearly. */
const slack = "1e-9";
const oneToken = `1 - ${slack}`;

export function claim(schema: string): string {
  /** Takes at most \`room\` from a queue into \`v_rows\`, passing over what others are taking. */
  const take = (queue: string, room: string): string =>
    `ARRAY(SELECT ctid FROM ${schema}.action WHERE phase = 'r' AND queue = ${queue} ORDER BY rank, seq LIMIT ${room} FOR NO KEY UPDATE SKIP LOCKED)`;

  return `
-- Marks rows that this transaction has locked as run by a worker. As JSON, one array for each column, which takes half the time of one for each row; in the order in which they are to be begun.
CREATE FUNCTION ${schema}.hand_out(p_worker text, p_rows tid[], p_time double precision) RETURNS json ${inner} AS $sora$
DECLARE
  v_claimed json;
BEGIN
  WITH handed AS (
    UPDATE ${schema}.action SET phase = 'x', worker = p_worker, attempt = attempt + 1, fence = fence + 1, started_at = floor(p_time), failed = false
    WHERE ctid = ANY (p_rows)
    RETURNING id, queue, parameters, envelope, rank, seq, attempt, attempts, fence, enqueued_at, suspect
  )
  SELECT json_build_object('id', json_agg(id), 'queue', json_agg(queue), 'parameters', json_agg(parameters), 'envelope', json_agg(envelope), 'priority', array_agg(0 - rank),
      'attempt', array_agg(attempt), 'attempts', array_agg(attempts), 'fence', array_agg(fence), 'enqueuedAt', array_agg(enqueued_at), 'suspect', array_agg(suspect))
    INTO v_claimed FROM (SELECT * FROM handed ORDER BY rank, seq) ordered;
  RETURN v_claimed;
END $sora$;

-- What of a rate may be begun now; its row is locked until the transaction ends.
CREATE FUNCTION ${schema}.tokens(p_name text, p_limit double precision, p_per double precision, p_time double precision) RETURNS double precision ${inner} AS $sora$
DECLARE
  v_tokens double precision;
BEGIN
  INSERT INTO ${schema}.rate VALUES (p_name, p_limit, p_time) ON CONFLICT DO NOTHING;
  UPDATE ${schema}.rate SET tokens = least(p_limit, tokens + greatest(p_time - counted_at, 0) * p_limit / p_per), counted_at = greatest(p_time, counted_at)
    WHERE name = p_name RETURNING tokens INTO v_tokens;
  RETURN v_tokens;
END $sora$;

-- Of rows that this transaction has locked the most urgent: p_most of them, and those behind them as long as it is nobody's last attempt.
CREATE FUNCTION ${schema}.those_that_may_wait(p_rows tid[], p_most integer) RETURNS tid[] ${inner} AS $sora$
BEGIN
  RETURN ARRAY(
    SELECT ctid FROM (
      SELECT ctid, bool_and(place <= p_most OR attempt + 1 < attempts) OVER (ORDER BY place) AS may FROM (
        SELECT ctid, attempt, attempts, row_number() OVER (ORDER BY rank, seq) AS place FROM ${schema}.action WHERE ctid = ANY (p_rows)) placed) found
    WHERE may);
END $sora$;

-- Of rows that this transaction has locked, the most urgent that are not too much to be handed out at once: always one.
CREATE FUNCTION ${schema}.those_that_fit(p_rows tid[]) RETURNS tid[] ${inner} AS $sora$
BEGIN
  IF coalesce((SELECT sum(octet_length(parameters)) FROM ${schema}.action WHERE ctid = ANY (p_rows)), 0) <= ${heaviest} THEN RETURN p_rows; END IF;
  RETURN ARRAY(
    SELECT ctid FROM (
      SELECT ctid, sum(octet_length(parameters)) OVER (ORDER BY rank, seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM ${schema}.action WHERE ctid = ANY (p_rows)) weighed
    WHERE coalesce(before, 0) < ${heaviest});
END $sora$;

-- Hands out work, at most p_most to begin at once, and p_ahead that follow where nothing is limited. Most urgent first over all queues: it looks how the most urgent are spread over them, and takes so many of each.
CREATE FUNCTION ${schema}.claim(p_worker text, p_queues text[], p_most integer, p_ahead integer, p_suspect boolean, p_limits jsonb, p_time double precision,
  OUT claimed json, OUT taken integer, OUT due_in double precision) ${inner} AS $sora$
DECLARE
  v_suspect boolean := p_suspect AND EXISTS (SELECT FROM ${schema}.action WHERE phase = 's');
  v_queues text[] := p_queues;
  v_ahead integer := CASE WHEN v_suspect OR p_limits IS NOT NULL THEN 0 ELSE p_ahead END;
  v_rows tid[];
  v_fitting tid[];
BEGIN
  taken := 0;
  IF cardinality(p_queues) > 1 OR v_suspect OR p_limits IS NOT NULL THEN v_queues := ${schema}.with_work(p_queues); END IF;
  IF v_suspect OR p_limits IS NOT NULL OR cardinality(v_queues) > 1 THEN
    SELECT chosen, more_in INTO v_rows, due_in FROM ${schema}.choose(p_queues, v_queues, p_most + v_ahead, v_suspect, p_limits, p_time);
  ELSIF cardinality(v_queues) = 1 THEN
    v_rows := ${take("v_queues[1]", "p_most + v_ahead")};
  END IF;
  IF cardinality(v_rows) > p_most THEN v_rows := ${schema}.those_that_may_wait(v_rows, p_most); END IF;
  IF cardinality(v_rows) > 1 THEN
    v_fitting := ${schema}.those_that_fit(v_rows);
    IF cardinality(v_fitting) < cardinality(v_rows) THEN
      v_rows := v_fitting;
      due_in := 0;
    END IF;
  END IF;
  taken := coalesce(cardinality(v_rows), 0);
  IF taken > 0 THEN claimed := ${schema}.hand_out(p_worker, v_rows, p_time); END IF;
END $sora$;

-- Chooses among several queues, or with limits, or with a suspect, and locks what it chooses.
CREATE FUNCTION ${schema}.choose(p_queues text[], p_ready text[], p_most integer, p_suspect boolean, p_limits jsonb, p_time double precision,
  OUT chosen tid[], OUT more_in double precision) ${inner} AS $sora$
DECLARE
  v_queues text[] := p_ready;
  v_rooms integer[];                 -- how many of each queue may be taken
  v_rates text[];                    -- the rate of each queue, where it has one
  v_tokens jsonb := '{}';            -- how many of each rate may be taken
  v_shares integer[];                -- how many of each queue are among the most urgent
  v_with_suspect boolean := false;
  v_suspect_row tid;
  v_suspect_queue text;
  v_suspect_rank double precision;
  v_suspect_seq bigint;
  v_rate record;
  v_found tid[];
  v_left integer := p_most;
  v_room integer;
  v_passed_over boolean := false;
BEGIN
  chosen := '{}';
  IF p_suspect THEN
    v_queues := ARRAY(SELECT unnest(p_ready) UNION SELECT queue FROM ${schema}.action WHERE phase = 's' AND queue = ANY (p_queues));
  END IF;
  SELECT array_agg(least(p_most, coalesce(l.most, p_most))::integer ORDER BY q.i), array_agg(l.rate->>'name' ORDER BY q.i) INTO v_rooms, v_rates
    FROM unnest(v_queues) WITH ORDINALITY AS q (queue, i) LEFT JOIN jsonb_to_recordset(p_limits) AS l (queue text, most double precision, rate jsonb) ON l.queue = q.queue;
  FOR v_rate IN
    SELECT DISTINCT ON (rate->>'name') rate->>'name' AS name, (rate->>'limit')::double precision AS most, (rate->>'per')::double precision AS per
    FROM jsonb_to_recordset(p_limits) AS l (queue text, rate jsonb) WHERE queue = ANY (v_queues) AND rate IS NOT NULL ORDER BY rate->>'name'
  LOOP
    v_tokens := v_tokens || jsonb_build_object(v_rate.name, ${schema}.tokens(v_rate.name, v_rate.most, v_rate.per, p_time));
  END LOOP;

  IF p_suspect THEN
    SELECT a.ctid, a.queue, a.rank, a.seq INTO v_suspect_row, v_suspect_queue, v_suspect_rank, v_suspect_seq FROM ${schema}.action a
      WHERE a.phase = 's' AND a.queue = ANY (ARRAY(
        SELECT q.queue FROM unnest(v_queues, v_rooms, v_rates) AS q (queue, room, rate)
        WHERE q.queue = ANY (p_queues) AND q.room > 0 AND (q.rate IS NULL OR (v_tokens->>q.rate)::double precision >= ${oneToken})))
      ORDER BY a.rank, a.seq LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
    v_with_suspect := FOUND;
  END IF;

  WITH candidate AS (
    SELECT q.i, q.room, q.rate, a.rank, a.seq, false AS suspect
      FROM unnest(v_queues, v_rooms, v_rates) WITH ORDINALITY AS q (queue, room, rate, i)
      CROSS JOIN LATERAL (SELECT rank, seq FROM ${schema}.action WHERE phase = 'r' AND queue = q.queue ORDER BY rank, seq LIMIT q.room) a
    UNION ALL
    SELECT q.i, q.room, q.rate, v_suspect_rank, v_suspect_seq, true
      FROM unnest(v_queues, v_rooms, v_rates) WITH ORDINALITY AS q (queue, room, rate, i) WHERE v_with_suspect AND q.queue = v_suspect_queue
  ), in_room AS (
    SELECT c.*, row_number() OVER (PARTITION BY i ORDER BY rank, seq) AS place FROM candidate c
  ), in_rate AS (
    SELECT c.*, row_number() OVER (PARTITION BY rate ORDER BY rank, seq) AS token FROM in_room c WHERE place <= room
  ), best AS (
    SELECT i, suspect FROM in_rate WHERE rate IS NULL OR token <= (v_tokens->>rate)::double precision + ${slack} ORDER BY rank, seq LIMIT p_most
  ), share AS (
    SELECT q.i, (SELECT count(*) FILTER (WHERE NOT suspect) FROM best WHERE best.i = q.i) AS n FROM generate_subscripts(v_queues, 1) AS q (i)
  )
  SELECT array_agg(n ORDER BY i), (SELECT coalesce(bool_or(suspect), false) FROM best) INTO v_shares, v_with_suspect FROM share;

  IF v_with_suspect THEN
    chosen := ARRAY[v_suspect_row];
    v_left := v_left - 1;
  END IF;
  -- First so many of each queue as are among the most urgent; where others were quicker, what there is else.
  FOR v_pass IN 1..2 LOOP
    EXIT WHEN v_pass = 2 AND NOT v_passed_over;
    FOR i IN 1..coalesce(cardinality(v_queues), 0) LOOP
      IF v_pass = 1 AND v_with_suspect AND v_queues[i] = v_suspect_queue THEN
        v_rooms[i] := v_rooms[i] - 1;
        IF v_rates[i] IS NOT NULL THEN v_tokens := jsonb_set(v_tokens, ARRAY[v_rates[i]], to_jsonb((v_tokens->>v_rates[i])::double precision - 1)); END IF;
      END IF;
      v_room := least(v_left, v_rooms[i], CASE WHEN v_pass = 1 THEN v_shares[i] END);
      IF v_rates[i] IS NOT NULL THEN v_room := least(v_room, floor((v_tokens->>v_rates[i])::double precision + ${slack})); END IF;
      CONTINUE WHEN v_room <= 0;
      v_found := ${take("v_queues[i]", "v_room")};
      v_passed_over := v_passed_over OR cardinality(v_found) < v_room;
      CONTINUE WHEN v_found = '{}';
      chosen := chosen || v_found;
      v_left := v_left - cardinality(v_found);
      v_rooms[i] := v_rooms[i] - cardinality(v_found);
      IF v_rates[i] IS NOT NULL THEN v_tokens := jsonb_set(v_tokens, ARRAY[v_rates[i]], to_jsonb((v_tokens->>v_rates[i])::double precision - cardinality(v_found))); END IF;
    END LOOP;
  END LOOP;

  IF v_tokens <> '{}' THEN
    UPDATE ${schema}.rate SET tokens = (v_tokens->>name)::double precision WHERE name = ANY (ARRAY(SELECT jsonb_object_keys(v_tokens)));
    SELECT min(ceil((1 - (v_tokens->>q.rate)::double precision) * (l.rate->>'per')::double precision / (l.rate->>'limit')::double precision)) INTO more_in
      FROM unnest(v_queues, v_rates) AS q (queue, rate) JOIN jsonb_to_recordset(p_limits) AS l (queue text, rate jsonb) ON l.queue = q.queue
      WHERE (v_tokens->>q.rate)::double precision < ${oneToken}
        AND EXISTS (SELECT FROM ${schema}.action a WHERE a.phase = 'r' AND a.queue = q.queue AND a.ctid <> ALL (chosen));
    more_in := greatest(more_in, 1);
  END IF;
END $sora$;
`;
}
