import { inner } from "./planning.ts";

/** Bytes of parameters beyond which nothing more is handed out in one turn: its answer has to come in the time that a call has. */
const heaviest = 8_388_608;
/** Tokens are counted in fractions, which add up only nearly. */
const slack = "1e-9";
const oneToken = `1 - ${slack}`;

export function claim(schema: string): string {
  /** Takes at most \`room\` from a queue into \`v_rows\`, passing over what others are taking. */
  const take = (phase: "r" | "s", queue: string, room: string): string =>
    `ARRAY(SELECT ctid FROM ${schema}.action WHERE phase = '${phase}' AND queue = ${queue} ORDER BY rank, seq LIMIT ${room} FOR NO KEY UPDATE SKIP LOCKED)`;

  /** What of each queue may be among the most urgent: its first ones, and its first suspect. */
  const first = (phase: "r" | "s", many: string): string => `SELECT q.i, a.rank, a.seq, ${phase === "s"} AS suspect
        FROM unnest(v_queues, v_most) WITH ORDINALITY AS q (queue, most, i)
        CROSS JOIN LATERAL (SELECT rank, seq FROM ${schema}.action WHERE phase = '${phase}' AND queue = q.queue ORDER BY rank, seq LIMIT ${many}) a`;
  const ready = first("r", "q.most");
  const suspects = `${first("s", "least(q.most, 1)")} WHERE p_suspect`;

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
  UPDATE ${schema}.rate SET tokens = least(p_limit, tokens + greatest(p_time - counted_at, 0) * p_limit / p_per),
      counted_at = CASE WHEN counted_at > p_time + 1000 THEN p_time ELSE greatest(p_time, counted_at) END -- later than that is a clock that has been set back
    WHERE name = p_name RETURNING tokens INTO v_tokens;
  RETURN v_tokens;
END $sora$;

-- Of rows that this transaction has locked the most urgent: p_most of them, and those behind them as long as it is nobody's last attempt; of all these, those that are not too much to be handed out at once. There is always room for one.
CREATE FUNCTION ${schema}.those_that_may_go(p_rows tid[], p_most integer) RETURNS tid[] ${inner} AS $sora$
BEGIN
  RETURN ARRAY(
    SELECT ctid FROM (
      SELECT ctid, bool_and(place <= p_most OR attempt + 1 < attempts) OVER in_line AS may, sum(size) OVER (in_line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM (
        SELECT ctid, attempt, attempts, octet_length(parameters) AS size, row_number() OVER (ORDER BY rank, seq) AS place FROM ${schema}.action WHERE ctid = ANY (p_rows)) placed
      WINDOW in_line AS (ORDER BY place)) found
    WHERE may AND coalesce(before, 0) < ${heaviest});
END $sora$;

-- Hands out work, at most p_most to begin at once, and p_ahead that follow where nothing is limited. Most urgent first over all queues: it looks how the most urgent are spread over them, and takes so many of each.
CREATE FUNCTION ${schema}.claim(p_worker text, p_queues text[], p_most integer, p_ahead integer, p_suspect boolean, p_limits jsonb, p_time double precision,
  OUT claimed json, OUT due_in double precision) ${inner} AS $sora$
DECLARE
  v_suspect boolean := p_suspect AND EXISTS (SELECT FROM ${schema}.action WHERE phase = 's');
  v_queues text[] := p_queues;
  v_ahead integer := CASE WHEN v_suspect OR p_limits IS NOT NULL THEN 0 ELSE p_ahead END;
  v_rows tid[];
  v_chosen tid[];
  v_found integer;
BEGIN
  IF cardinality(p_queues) > 1 OR v_suspect OR p_limits IS NOT NULL THEN v_queues := ${schema}.with_work(p_queues); END IF;
  IF v_suspect OR p_limits IS NOT NULL OR cardinality(v_queues) > 1 THEN
    SELECT chosen, more_in INTO v_rows, due_in FROM ${schema}.choose(p_queues, v_queues, p_most + v_ahead, v_suspect, p_limits, p_time);
  ELSIF cardinality(v_queues) = 1 THEN
    v_rows := ${take("r", "v_queues[1]", "p_most + v_ahead")};
  END IF;
  v_found := coalesce(cardinality(v_rows), 0);
  v_chosen := v_rows;
  IF v_found > least(p_most, 1) THEN v_rows := ${schema}.those_that_may_go(v_rows, p_most); END IF;
  IF coalesce(cardinality(v_rows), 0) < least(v_found, p_most) THEN -- the rest is for the next turn, and so are its tokens
    due_in := 0;
    UPDATE ${schema}.rate r SET tokens = r.tokens + spared.count FROM (
      SELECT l.rate->>'name' AS name, count(*) AS count FROM ${schema}.action a JOIN jsonb_to_recordset(p_limits) AS l (queue text, rate jsonb) ON l.queue = a.queue
      WHERE a.ctid = ANY (v_chosen) AND a.ctid <> ALL (v_rows) AND l.rate IS NOT NULL GROUP BY 1) spared
    WHERE r.name = spared.name;
  END IF;
  IF v_rows <> '{}' THEN claimed := ${schema}.hand_out(p_worker, v_rows, p_time); END IF;
END $sora$;

-- What of p_limits these queues have to keep to: how many each allows (a queue's own number, a group, a rate), and for each queue the limits that hold for it, as places in that list.
-- What is left of rates is asked for in the order of their names, so that no two wait for each other's row.
CREATE FUNCTION ${schema}.limits_of(p_queues text[], p_limits jsonb, p_time double precision,
  OUT of_queue text[], OUT rooms double precision[], OUT rates text[], OUT spacings double precision[]) ${inner} AS $sora$
BEGIN
  WITH asked AS (
    SELECT q.i, l.queue, l.most, l.groups, l.rate FROM unnest(p_queues) WITH ORDINALITY AS q (queue, i)
      JOIN jsonb_to_recordset(p_limits) AS l (queue text, most double precision, groups jsonb, rate jsonb) ON l.queue = q.queue
  ), named AS (
    SELECT i, 'most' AS kind, queue AS name, most AS room, NULL::double precision AS spacing FROM asked WHERE most IS NOT NULL
    UNION ALL
    SELECT i, 'group', g->>'name', (g->>'most')::double precision, NULL FROM asked CROSS JOIN LATERAL jsonb_array_elements(groups) AS g
    UNION ALL
    SELECT i, 'rate', rate->>'name', (rate->>'limit')::double precision, (rate->>'per')::double precision / (rate->>'limit')::double precision FROM asked WHERE rate IS NOT NULL
  ), numbered AS (
    SELECT *, dense_rank() OVER (ORDER BY kind, name) AS n FROM named
  ), merged AS (
    SELECT n, min(room) AS room, min(name) FILTER (WHERE kind = 'rate') AS rate, min(spacing) AS spacing FROM numbered GROUP BY n
  ), by_queue AS (
    SELECT i, (array_agg(DISTINCT n) FILTER (WHERE n IS NOT NULL))::text AS limits FROM (
      SELECT i, n FROM numbered UNION ALL SELECT i, NULL FROM generate_subscripts(p_queues, 1) AS i) every GROUP BY i
  )
  SELECT (SELECT array_agg(limits ORDER BY i) FROM by_queue), array_agg(room ORDER BY n), array_agg(rate ORDER BY n), array_agg(spacing ORDER BY n)
    INTO of_queue, rooms, rates, spacings FROM merged;
  FOR n IN 1..coalesce(cardinality(rooms), 0) LOOP
    IF rates[n] IS NOT NULL THEN rooms[n] := ${schema}.tokens(rates[n], rooms[n], rooms[n] * spacings[n], p_time); END IF;
  END LOOP;
END $sora$;

-- How many may be taken of what these limits hold for, up to p_most.
CREATE FUNCTION ${schema}.room_within(p_limits text, p_rooms double precision[], p_most integer) RETURNS integer ${inner} AS $sora$
DECLARE
  v_room integer := p_most;
  v_limit integer;
BEGIN
  FOREACH v_limit IN ARRAY coalesce(p_limits, '{}')::integer[] LOOP v_room := least(v_room, floor(p_rooms[v_limit] + ${slack})); END LOOP;
  RETURN v_room;
END $sora$;

-- What is left where so many more have been taken of what these limits hold for.
CREATE FUNCTION ${schema}.rooms_less(p_rooms double precision[], p_limits text, p_taken integer) RETURNS double precision[] ${inner} AS $sora$
DECLARE
  v_limit integer;
BEGIN
  FOREACH v_limit IN ARRAY coalesce(p_limits, '{}')::integer[] LOOP p_rooms[v_limit] := p_rooms[v_limit] - p_taken; END LOOP;
  RETURN p_rooms;
END $sora$;

-- Chooses among several queues, or with limits, or with a suspect, and locks what it chooses.
CREATE FUNCTION ${schema}.choose(p_queues text[], p_ready text[], p_most integer, p_suspect boolean, p_limits jsonb, p_time double precision,
  OUT chosen tid[], OUT more_in double precision) ${inner} AS $sora$
DECLARE
  v_queues text[] := p_ready;
  v_limits text[];                   -- the limits of each queue; NULL where it has none, or there are none
  v_rooms double precision[];        -- how many of each limit may be taken
  v_rates text[];                    -- what each limit is called that is a rate
  v_spacings double precision[];     -- and its milliseconds for each
  v_rooms_then double precision[];   -- what is left of each limit behind the most urgent
  v_most integer[];                  -- how many of each queue may be among them
  v_shares integer[];                -- how many of each queue are
  v_suspect_in integer;              -- the place of the queue whose first suspect is among them; of all suspects, one may be
  v_next record;
  v_found tid[];
  v_left integer := p_most;
  v_room integer;
  v_passed_over boolean := false;
BEGIN
  chosen := '{}';
  IF p_suspect THEN
    v_queues := ARRAY(SELECT unnest(p_ready) UNION SELECT queue FROM ${schema}.action WHERE phase = 's' AND queue = ANY (p_queues));
  END IF;
  IF p_limits IS NOT NULL THEN
    SELECT of_queue, rooms, rates, spacings INTO v_limits, v_rooms, v_rates, v_spacings FROM ${schema}.limits_of(v_queues, p_limits, p_time);
    v_most := ARRAY(SELECT ${schema}.room_within(v_limits[i], v_rooms, p_most) FROM generate_subscripts(v_queues, 1) AS i ORDER BY i);
  ELSE
    v_most := array_fill(p_most, ARRAY[cardinality(v_queues)]);
  END IF;

  IF v_rooms IS NULL THEN
    WITH best AS (
      SELECT i, suspect FROM (${ready} UNION ALL (${suspects} ORDER BY a.rank, a.seq LIMIT 1)) c ORDER BY rank, seq LIMIT p_most
    ), share AS (
      SELECT q.i, (SELECT count(*) FILTER (WHERE NOT suspect) FROM best WHERE best.i = q.i) AS n FROM generate_subscripts(v_queues, 1) AS q (i)
    )
    SELECT array_agg(n ORDER BY i), (SELECT i FROM best WHERE suspect) INTO v_shares, v_suspect_in FROM share;
  ELSE
    v_shares := array_fill(0, ARRAY[cardinality(v_queues)]);
    v_rooms_then := v_rooms;
    FOR v_next IN SELECT i, suspect FROM (${ready} UNION ALL ${suspects}) c ORDER BY rank, seq LOOP
      EXIT WHEN v_left = 0;
      CONTINUE WHEN v_next.suspect AND v_suspect_in IS NOT NULL OR ${schema}.room_within(v_limits[v_next.i], v_rooms_then, 1) < 1;
      v_rooms_then := ${schema}.rooms_less(v_rooms_then, v_limits[v_next.i], 1);
      v_left := v_left - 1;
      IF v_next.suspect THEN v_suspect_in := v_next.i; ELSE v_shares[v_next.i] := v_shares[v_next.i] + 1; END IF;
    END LOOP;
    v_left := p_most;
  END IF;

  IF v_suspect_in IS NOT NULL THEN
    chosen := ${take("s", "v_queues[v_suspect_in]", "1")};
    v_passed_over := chosen = '{}';
    v_left := v_left - cardinality(chosen);
    v_rooms := ${schema}.rooms_less(v_rooms, v_limits[v_suspect_in], cardinality(chosen));
  END IF;
  -- First so many of each queue as are among the most urgent; where others were quicker, what there is else.
  FOR v_pass IN 1..2 LOOP
    EXIT WHEN v_pass = 2 AND NOT v_passed_over;
    FOR i IN 1..coalesce(cardinality(v_queues), 0) LOOP
      v_room := least(v_left, CASE WHEN v_pass = 1 THEN v_shares[i] END);
      IF v_limits[i] IS NOT NULL THEN v_room := ${schema}.room_within(v_limits[i], v_rooms, v_room); END IF;
      CONTINUE WHEN v_room <= 0;
      v_found := ${take("r", "v_queues[i]", "v_room")};
      v_passed_over := v_passed_over OR cardinality(v_found) < v_room;
      CONTINUE WHEN v_found = '{}';
      chosen := chosen || v_found;
      v_left := v_left - cardinality(v_found);
      v_rooms := ${schema}.rooms_less(v_rooms, v_limits[i], cardinality(v_found));
    END LOOP;
  END LOOP;

  IF array_remove(v_rates, NULL) <> '{}' THEN
    UPDATE ${schema}.rate SET tokens = v_rooms[array_position(v_rates, name)] WHERE name = ANY (array_remove(v_rates, NULL));
    SELECT greatest(min(ceil((1 - v_rooms[n]) * v_spacings[n])), 1) INTO more_in
      FROM generate_subscripts(v_queues, 1) AS i CROSS JOIN LATERAL unnest(v_limits[i]::integer[]) AS n
      WHERE v_rates[n] IS NOT NULL AND v_rooms[n] < ${oneToken}
        AND NOT EXISTS (SELECT FROM unnest(v_limits[i]::integer[]) AS other WHERE v_rates[other] IS NULL AND v_rooms[other] < 1)
        AND EXISTS (SELECT FROM ${schema}.action a WHERE a.phase = 'r' AND a.queue = v_queues[i] AND a.ctid <> ALL (chosen));
  END IF;
END $sora$;
`;
}
