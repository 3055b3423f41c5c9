import { literal } from "./literal.ts";
import { inner } from "./planning.ts";

/**
 * Lines of keys and chains. Whoever stores an action with a key holds the key's advisory lock until its transaction ends, which may be a long one of the user's own. So whoever frees a place in line
 * never waits for that lock: where it is taken, the key is noted in \`unseen\`, and one of the next turns lets in who is next.
 */
export function lines(schema: string): string {
  return `
CREATE FUNCTION ${schema}.lock_of(p_kind text, p_name text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $sora$
  SELECT hashtextextended(p_kind || p_name, hashtext(${literal(schema)}))
$sora$;

-- Lets in who is next in line for a key, whose lock is held. The rows that may be handed out now, as all functions answer that free a place: none of their versions stays when one is.
CREATE FUNCTION ${schema}.let_in(p_key text) RETURNS tid[] ${inner} AS $sora$
DECLARE
  v_limit integer;
  v_room integer;
  v_rows tid[];
  v_ready tid[];
BEGIN
  SELECT key_limit INTO v_limit FROM ${schema}.action WHERE key = p_key AND NOT let_in ORDER BY seq LIMIT 1;
  IF NOT FOUND THEN RETURN NULL; END IF;
  v_room := v_limit - (SELECT count(*) FROM (SELECT FROM ${schema}.action WHERE key = p_key AND let_in LIMIT v_limit) inside);
  IF v_room <= 0 THEN RETURN NULL; END IF;
  -- Locked first: what another transaction has changed while the lock was waited for is seen by the next statement, and not by this one.
  v_rows := ARRAY(SELECT ctid FROM ${schema}.action WHERE key = p_key AND NOT let_in ORDER BY seq LIMIT v_room FOR NO KEY UPDATE);
  WITH entered AS (
    UPDATE ${schema}.action SET let_in = true,
      phase = CASE WHEN NOT chain_open THEN 'b'::"char" WHEN due_at > ${schema}.now_ms() THEN 't' WHEN suspect THEN 's' ELSE 'r' END
    WHERE ctid = ANY (v_rows)
    RETURNING ctid, phase)
  SELECT array_agg(ctid) FILTER (WHERE phase IN ('r', 's')) INTO v_ready FROM entered;
  RETURN v_ready;
END $sora$;

-- For keys in which a place has become free.
CREATE FUNCTION ${schema}.free_keys(p_keys text[]) RETURNS tid[] ${inner} AS $sora$
DECLARE
  v_key text;
  v_ready tid[];
BEGIN
  FOREACH v_key IN ARRAY p_keys LOOP
    IF pg_try_advisory_xact_lock(${schema}.lock_of('k', v_key)) THEN
      v_ready := v_ready || ${schema}.let_in(v_key);
    ELSE
      INSERT INTO ${schema}.unseen VALUES ('k', v_key);
    END IF;
  END LOOP;
  RETURN v_ready;
END $sora$;

-- Whether an action of a chain has to wait for this one; NULL where it is not stored. It holds this one as it is until the transaction ends, so that whoever completes it then finds the one that waits.
CREATE FUNCTION ${schema}.held_for_next(p_before text) RETURNS boolean ${inner} AS $sora$
DECLARE
  v_completed boolean;
BEGIN
  LOOP
    PERFORM FROM ${schema}.action WHERE id = p_before FOR KEY SHARE;
    IF FOUND THEN RETURN true; END IF;
    PERFORM FROM ${schema}.finished WHERE id = p_before AND outcome <> 'c' FOR KEY SHARE;
    IF FOUND THEN RETURN true; END IF;
    -- It may have been retried between the two: one look at both tells.
    SELECT completed INTO v_completed FROM (
      SELECT false AS completed FROM ${schema}.action WHERE id = p_before UNION ALL SELECT outcome = 'c' FROM ${schema}.finished WHERE id = p_before
    ) before LIMIT 1;
    IF v_completed IS DISTINCT FROM false THEN RETURN NOT v_completed; END IF;
  END LOOP;
END $sora$;

-- Lets these actions of a chain begin. Those that are locked just now are noted.
CREATE FUNCTION ${schema}.open_chain(p_waiting text[]) RETURNS tid[] ${inner} AS $sora$
DECLARE
  v_open text[];
  v_ready tid[];
BEGIN
  WITH opened AS (
    UPDATE ${schema}.action SET chain_open = true,
      phase = CASE WHEN NOT let_in THEN 'b'::"char" WHEN due_at > ${schema}.now_ms() THEN 't' WHEN suspect THEN 's' ELSE 'r' END
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${schema}.action WHERE id = ANY (p_waiting) AND NOT chain_open FOR NO KEY UPDATE SKIP LOCKED))
    RETURNING ctid, id, phase)
  SELECT array_agg(id), array_agg(ctid) FILTER (WHERE phase IN ('r', 's')) INTO v_open, v_ready FROM opened;
  IF cardinality(v_open) IS DISTINCT FROM cardinality(p_waiting) THEN
    INSERT INTO ${schema}.unseen SELECT 'o', a.id FROM ${schema}.action a WHERE a.id = ANY (p_waiting) AND NOT a.chain_open;
  END IF;
  RETURN v_ready;
END $sora$;

-- For actions that have been completed: those of their chain that wait for them.
CREATE FUNCTION ${schema}.open_chains(p_completed text[]) RETURNS tid[] ${inner} AS $sora$
DECLARE
  v_waiting text[];
BEGIN
  IF NOT EXISTS (SELECT FROM ${schema}.action WHERE NOT chain_open) THEN RETURN NULL; END IF; -- the usual case, at the price of one look
  v_waiting := ARRAY(SELECT id FROM ${schema}.action WHERE after = ANY (p_completed) AND NOT chain_open);
  RETURN CASE WHEN v_waiting <> '{}' THEN ${schema}.open_chain(v_waiting) END;
END $sora$;

-- Whether others of its chain wait for this action.
CREATE FUNCTION ${schema}.is_waited_for(p_id text) RETURNS boolean LANGUAGE sql STABLE AS $sora$
  SELECT EXISTS (SELECT FROM ${schema}.action WHERE after = p_id AND NOT chain_open)
$sora$;

-- When what has its outcome now need not be kept any longer.
CREATE FUNCTION ${schema}.end_of_keeping(p_time double precision, p_keep double precision) RETURNS bigint LANGUAGE sql IMMUTABLE AS $sora$
  SELECT CASE WHEN p_keep <= 0 THEN floor(p_time)::bigint ELSE ${schema}.whole_ms(p_time + p_keep) END
$sora$;

-- Deletes those of these that nobody waits for: they are dead or cancelled, and not to be kept. A statement of its own, since whoever has stored one that waits, before this action could be ended, is not seen by the
-- statement that has ended it.
CREATE FUNCTION ${schema}.drop_unless_waited_for(p_ids text[]) RETURNS void ${inner} AS $sora$
BEGIN
  DELETE FROM ${schema}.finished WHERE id = ANY (p_ids) AND NOT ${schema}.is_waited_for(id);
END $sora$;

-- Looks again at what nobody could see to the end.
CREATE FUNCTION ${schema}.look_again() RETURNS tid[] ${inner} AS $sora$
DECLARE
  v_row record;
  v_before text;
  v_outcome "char";
  v_done boolean;
  v_ready tid[];
BEGIN
  FOR v_row IN SELECT ctid, kind, name FROM ${schema}.unseen LIMIT 100 FOR UPDATE SKIP LOCKED LOOP
    DELETE FROM ${schema}.unseen WHERE ctid = v_row.ctid;
    v_done := true;
    IF v_row.kind = 'k' THEN
      v_done := pg_try_advisory_xact_lock(${schema}.lock_of('k', v_row.name));
      IF v_done THEN v_ready := v_ready || ${schema}.let_in(v_row.name); END IF;
    ELSIF v_row.kind = 'o' THEN
      v_ready := v_ready || ${schema}.open_chain(ARRAY[v_row.name]);
    ELSE
      SELECT after INTO v_before FROM ${schema}.action WHERE id = v_row.name AND NOT chain_open;
      CONTINUE WHEN NOT FOUND;
      SELECT outcome INTO v_outcome FROM (
        SELECT NULL::"char" AS outcome FROM ${schema}.action WHERE id = v_before UNION ALL SELECT outcome FROM ${schema}.finished WHERE id = v_before
      ) before LIMIT 1;
      IF NOT FOUND OR v_outcome = 'c' THEN -- what has left no trace is taken to be completed
        v_ready := v_ready || ${schema}.open_chain(ARRAY[v_row.name]);
      ELSIF v_outcome IS NULL THEN
        -- Whoever completes it from here on finds the one that waits; whoever is about to may not have seen it.
        PERFORM FROM ${schema}.action WHERE id = v_before FOR KEY SHARE SKIP LOCKED;
        v_done := FOUND;
      END IF;
    END IF;
    IF NOT v_done THEN INSERT INTO ${schema}.unseen VALUES (v_row.kind, v_row.name); END IF;
  END LOOP;
  RETURN v_ready;
END $sora$;
`;
}
