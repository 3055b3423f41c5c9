import { literal } from "./literal.ts";
import { entry, inner } from "./planning.ts";

/** The members of an action to be stored, as they are named in JSON. */
const members = `(id text, queue text, parameters text, envelope text, priority double precision, attempts bigint, delay double precision, "at" double precision,
      key text, "keyLimit" double precision, "idempotencyKey" text, "debounceKey" text, after text)`;

/** When an action is due that is stored at \`v_time\`. */
const due = (schema: string): string => `CASE WHEN given."at" IS NOT NULL THEN greatest(${schema}.whole_ms(given."at"), floor(v_time)::bigint)
      WHEN given.delay > 0 THEN ${schema}.whole_ms(v_time + given.delay) ELSE floor(v_time)::bigint END`;

export function enqueue(schema: string, channel: string): string {
  return `
-- Stores actions that stand in no line, in order. The ids of those that were not there, or NULL where none was.
CREATE FUNCTION ${schema}.store_plain(p_actions jsonb) RETURNS text[] ${entry} AS $sora$
DECLARE
  v_time double precision := ${schema}.now_ms();
  v_stored text[];
  v_known text[];
BEGIN
  WITH new AS (
    INSERT INTO ${schema}.action (id, queue, parameters, envelope, rank, attempts, enqueued_at, due_at, phase)
    SELECT n.id, n.queue, n.parameters, n.envelope, 0 - n.priority, n.attempts, floor(v_time), n.due_at, CASE WHEN n.due_at <= v_time THEN 'r' ELSE 't' END
    FROM (
      SELECT given.*, ${due(schema)} AS due_at
      FROM ROWS FROM (jsonb_to_recordset(p_actions) AS ${members}) WITH ORDINALITY AS given ORDER BY ordinality
    ) n
    ON CONFLICT (id) DO NOTHING
    RETURNING id)
  SELECT array_agg(id) INTO v_stored FROM new;
  IF ${schema}.sees_the_past() THEN PERFORM ${schema}.refuse_unseen(id, NULL) FROM unnest(v_stored) AS id; END IF;
  -- Looked for afterwards, since one that was run when this began may have its outcome by now.
  SELECT array_agg(f.id) INTO v_known FROM ${schema}.finished f WHERE f.id = ANY (v_stored);
  IF v_known IS NOT NULL THEN
    DELETE FROM ${schema}.action WHERE id = ANY (v_known);
    v_stored := ARRAY(SELECT id FROM unnest(v_stored) id WHERE id <> ALL (v_known));
  END IF;
  RETURN v_stored;
END $sora$;

-- Whether what others have committed since this transaction began is hidden from it.
CREATE FUNCTION ${schema}.sees_the_past() RETURNS boolean LANGUAGE sql STABLE AS $sora$
  SELECT current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted')
$sora$;

-- For a transaction that sees the past, and has stored this: fails as one that cannot be serialized, so that it is begun anew, where a finished action with this id or key is hidden from it. Only an
-- index knows of that; what is tried for it is rolled back at once, so that nobody waits for it.
CREATE FUNCTION ${schema}.refuse_unseen(p_id text, p_idempotency_key text) RETURNS void ${inner} AS $sora$
BEGIN
  INSERT INTO ${schema}.finished (seq, rank, enqueued_at, due_at, finished_at, attempts, attempt, fence, outcome, cancel_requested, id, queue, envelope, idempotency_key)
  VALUES (0, 0, 0, 0, 0, 0, 0, 0, 'x', false, p_id, '', '', p_idempotency_key) ON CONFLICT DO NOTHING;
  RAISE SQLSTATE 'SR000';
EXCEPTION WHEN SQLSTATE 'SR000' THEN NULL;
END $sora$;

-- The locks that storing these takes, in the order in which everybody takes them.
CREATE FUNCTION ${schema}.locks_of(p_actions jsonb) RETURNS bigint[] ${inner} AS $sora$
BEGIN
  RETURN ARRAY(
    SELECT DISTINCT lock FROM jsonb_to_recordset(p_actions) AS n ${members},
      LATERAL (VALUES (${schema}.lock_of('k', coalesce(n."debounceKey", n.key))), (${schema}.lock_of('i', n."idempotencyKey"))) AS locks (lock)
    WHERE lock IS NOT NULL ORDER BY lock);
END $sora$;

-- Stores actions with keys or in chains, one after the other, under the locks of their keys. What became of each. \`p_short\` says that the transaction ends at once, so that others may wait for it.
CREATE FUNCTION ${schema}.store_in_line(p_actions jsonb, p_short boolean) RETURNS jsonb ${inner} AS $sora$
DECLARE
  v_time double precision := ${schema}.now_ms();
  -- A snapshot that is older than the lock does not show what others have done under it.
  v_stale boolean := ${schema}.sees_the_past();
  n record;
  v_id text;
  v_key text;
  v_limit integer;
  v_inside integer;
  v_line boolean;
  v_let_in boolean;
  v_waits boolean;
  v_mine text[] := '{}';
  v_replaced tid;
  v_stand_ins jsonb := '{}';         -- ids that others stand for, by those that were given
  v_answers jsonb[] := '{}';
BEGIN
  FOR n IN
    SELECT given.*, ${due(schema)} AS due_at
    FROM ROWS FROM (jsonb_to_recordset(p_actions) AS ${members}) WITH ORDINALITY AS given ORDER BY ordinality
  LOOP
    n.after := coalesce(v_stand_ins->>n.after, n.after);
    SELECT id INTO v_id FROM (SELECT id FROM ${schema}.action WHERE id = n.id UNION ALL SELECT id FROM ${schema}.finished WHERE id = n.id) known LIMIT 1;
    IF NOT FOUND AND n."idempotencyKey" IS NOT NULL THEN
      SELECT id INTO v_id FROM (
        SELECT id FROM ${schema}.action WHERE idempotency_key = n."idempotencyKey"
        UNION ALL SELECT id FROM ${schema}.finished WHERE idempotency_key = n."idempotencyKey"
      ) known LIMIT 1;
    END IF;
    IF v_id IS NOT NULL THEN
      v_answers := v_answers || jsonb_build_object('id', v_id, 'outcome', 'existing');
      v_stand_ins := v_stand_ins || jsonb_build_object(n.id, v_id);
      CONTINUE;
    END IF;

    IF n."debounceKey" IS NOT NULL THEN
      -- Locked first: what another transaction has changed while the lock was waited for is seen by the next statement, and not by this one.
      SELECT ctid INTO v_replaced FROM ${schema}.action WHERE debounce_key = n."debounceKey" AND attempt = 0 ORDER BY seq DESC LIMIT 1 FOR NO KEY UPDATE;
      UPDATE ${schema}.action SET queue = n.queue, parameters = n.parameters, envelope = n.envelope, rank = 0 - n.priority, attempts = n.attempts, enqueued_at = floor(v_time), due_at = n.due_at,
        phase = CASE WHEN NOT (let_in AND chain_open) THEN 'b'::"char" WHEN n.due_at > v_time THEN 't' WHEN suspect THEN 's' ELSE 'r' END
      WHERE ctid = v_replaced
      RETURNING id INTO v_id;
      IF FOUND THEN
        v_answers := v_answers || jsonb_build_object('id', v_id, 'outcome', 'replaced');
        v_stand_ins := v_stand_ins || jsonb_build_object(n.id, v_id);
        CONTINUE;
      END IF;
    END IF;

    v_key := coalesce(n."debounceKey", n.key);
    v_limit := CASE WHEN n."debounceKey" IS NULL THEN greatest(1, least(coalesce(n."keyLimit", 1), 1e9))::integer ELSE 1 END;
    v_line := false;
    v_let_in := true;
    IF v_key IS NOT NULL THEN
      v_line := EXISTS (SELECT FROM ${schema}.action WHERE key = v_key AND NOT let_in);
      v_inside := (SELECT count(*) FROM (SELECT FROM ${schema}.action WHERE key = v_key AND let_in LIMIT v_limit) inside);
      v_let_in := NOT v_line AND v_inside < v_limit AND NOT v_stale;
    END IF;
    v_waits := n.after IS NOT NULL AND CASE WHEN n.after = ANY (v_mine) THEN true WHEN p_short THEN coalesce(${schema}.held_for_next(n.after), false) ELSE ${schema}.waits_for(n.after) END;

    INSERT INTO ${schema}.action (id, queue, parameters, envelope, rank, attempts, enqueued_at, due_at, key, key_limit, idempotency_key, debounce_key, after, let_in, chain_open, phase)
    VALUES (n.id, n.queue, n.parameters, n.envelope, 0 - n.priority, n.attempts, floor(v_time), n.due_at, v_key, CASE WHEN v_key IS NULL THEN NULL ELSE v_limit END,
      n."idempotencyKey", n."debounceKey", n.after, v_let_in, NOT v_waits,
      CASE WHEN NOT v_let_in OR v_waits THEN 'b' WHEN n.due_at > v_time THEN 't' ELSE 'r' END)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN -- asked for again while the first was still on its way
      v_answers := v_answers || jsonb_build_object('id', n.id, 'outcome', 'existing');
      CONTINUE;
    END IF;
    IF v_stale THEN PERFORM ${schema}.refuse_unseen(n.id, n."idempotencyKey"); END IF;
    v_mine := v_mine || n.id;
    v_answers := v_answers || jsonb_build_object('id', n.id, 'outcome', 'stored');

    IF v_stale AND v_key IS NOT NULL THEN INSERT INTO ${schema}.unseen VALUES ('k', v_key);
    ELSIF v_line AND v_inside < v_limit THEN PERFORM ${schema}.let_in(v_key);
    END IF;
    -- Whoever completes the one before does not wait for this transaction, and may not see this one.
    IF v_waits AND NOT p_short AND n.after <> ALL (v_mine) THEN INSERT INTO ${schema}.unseen VALUES ('c', n.id); END IF;
  END LOOP;
  RETURN to_jsonb(v_answers);
END $sora$;

CREATE FUNCTION ${schema}.stands_in_line(p_actions jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $sora$
  SELECT p_actions @? '$[*] ? (exists(@.key) || exists(@.idempotencyKey) || exists(@.debounceKey) || exists(@.after))'
$sora$;

-- Stores several calls' actions, each call's all or none. NULL in place of the answer to a call whose keys somebody else holds: it is to be asked again.
CREATE FUNCTION ${schema}.store_calls(p_calls jsonb) RETURNS jsonb ${entry} AS $sora$
DECLARE
  v_call jsonb;
  v_locks bigint[];
  v_lock bigint;
  v_held bigint[] := '{}';
  v_busy boolean;
  v_answers jsonb[] := '{}';
BEGIN
  FOR v_call IN SELECT value FROM jsonb_array_elements(p_calls) LOOP
    v_locks := ${schema}.locks_of(v_call);
    v_busy := v_locks && v_held; -- behind a call that has to come again, so that their order stays
    IF NOT v_busy THEN
      FOREACH v_lock IN ARRAY v_locks LOOP
        v_busy := NOT pg_try_advisory_xact_lock(v_lock);
        EXIT WHEN v_busy;
      END LOOP;
    END IF;
    IF v_busy THEN
      v_held := v_held || v_locks;
      v_answers := v_answers || 'null'::jsonb;
    ELSE
      v_answers := v_answers || ${schema}.store_in_line(v_call, true);
    END IF;
  END LOOP;
  RETURN to_jsonb(v_answers);
END $sora$;

-- For users' transactions, whatever the language: stores actions in the transaction that it is called in, and has workers told when that is committed. An array of objects as in \`NewAction\`;
-- id, envelope, priority and attempts may be left out. The answer is an array of { id, outcome }, in the same order.
CREATE FUNCTION ${schema}.enqueue(actions jsonb) RETURNS jsonb ${entry} AS $sora$
DECLARE
  v_actions jsonb;
  v_lock bigint;
  v_stored text[];
  v_answers jsonb;
BEGIN
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', gen_random_uuid()::text, 'envelope', '{}', 'priority', 0, 'attempts', 5) || jsonb_strip_nulls(value) ORDER BY ordinality), '[]')
    INTO v_actions FROM jsonb_array_elements(actions) WITH ORDINALITY;
  IF ${schema}.stands_in_line(v_actions) THEN
    FOREACH v_lock IN ARRAY ${schema}.locks_of(v_actions) LOOP PERFORM pg_advisory_xact_lock(v_lock); END LOOP;
    v_answers := ${schema}.store_in_line(v_actions, false);
  ELSE
    v_stored := ${schema}.store_plain(v_actions);
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'outcome', CASE WHEN id = ANY (v_stored) AND nth = 1 THEN 'stored' ELSE 'existing' END) ORDER BY ordinality), '[]') INTO v_answers
      FROM (SELECT value->>'id' AS id, ordinality, row_number() OVER (PARTITION BY value->>'id' ORDER BY ordinality) AS nth FROM jsonb_array_elements(v_actions) WITH ORDINALITY) given;
  END IF;
  PERFORM pg_notify(${literal(channel)}, '{"kind":"ready"}');
  RETURN v_answers;
END $sora$;
`;
}
