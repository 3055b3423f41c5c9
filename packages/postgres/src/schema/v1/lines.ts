import { planning } from "./planning.ts";

/**
 * Lines of keys and chains. Whoever stores an action with a key holds the key's advisory lock until its transaction ends, which may be a long one of the user's own. So whoever frees a place in line
 * never waits for that lock: where it is taken, the key is noted in \`unseen\`, and one of the next turns lets in who is next.
 */
export function lines(schema: string): string {
  return `
CREATE FUNCTION ${schema}.lock_of(p_kind text, p_name text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT hashtextextended(p_kind || p_name, hashtext('${schema.replaceAll("'", "''")}'))
$$;

-- Lets in who is next in line for a key, whose lock is held. How many may be handed out now.
CREATE FUNCTION ${schema}.let_in(p_key text) RETURNS integer ${planning} AS $$
DECLARE
  v_limit integer;
  v_room integer;
  v_ready integer;
BEGIN
  SELECT key_limit INTO v_limit FROM ${schema}.action WHERE key = p_key AND NOT let_in ORDER BY seq LIMIT 1;
  IF NOT FOUND THEN RETURN 0; END IF;
  v_room := v_limit - (SELECT count(*) FROM (SELECT FROM ${schema}.action WHERE key = p_key AND let_in LIMIT v_limit) inside);
  IF v_room <= 0 THEN RETURN 0; END IF;
  WITH entered AS (
    UPDATE ${schema}.action SET let_in = true,
      phase = CASE WHEN NOT chain_open THEN 'b'::"char" WHEN due_at > ${schema}.now_ms() THEN 't' WHEN suspect THEN 's' ELSE 'r' END
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${schema}.action WHERE key = p_key AND NOT let_in ORDER BY seq LIMIT v_room FOR UPDATE))
    RETURNING phase)
  SELECT count(*) FILTER (WHERE phase IN ('r', 's')) INTO v_ready FROM entered;
  RETURN v_ready;
END $$;

-- For keys in which a place has become free.
CREATE FUNCTION ${schema}.free_keys(p_keys text[]) RETURNS integer ${planning} AS $$
DECLARE
  v_key text;
  v_ready integer := 0;
BEGIN
  FOREACH v_key IN ARRAY p_keys LOOP
    IF pg_try_advisory_xact_lock(${schema}.lock_of('k', v_key)) THEN
      v_ready := v_ready + ${schema}.let_in(v_key);
    ELSE
      INSERT INTO ${schema}.unseen VALUES ('k', v_key);
    END IF;
  END LOOP;
  RETURN v_ready;
END $$;

-- For actions that have been completed: those of their chain that wait for them.
CREATE FUNCTION ${schema}.open_chains(p_completed text[]) RETURNS integer ${planning} AS $$
DECLARE
  v_waiting text[];
  v_open text[];
  v_ready integer;
BEGIN
  v_waiting := ARRAY(SELECT id FROM ${schema}.action WHERE after = ANY (p_completed) AND NOT chain_open);
  IF v_waiting = '{}' THEN RETURN 0; END IF;
  WITH opened AS (
    UPDATE ${schema}.action SET chain_open = true,
      phase = CASE WHEN NOT let_in THEN 'b'::"char" WHEN due_at > ${schema}.now_ms() THEN 't' WHEN suspect THEN 's' ELSE 'r' END
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${schema}.action WHERE id = ANY (v_waiting) AND NOT chain_open FOR UPDATE SKIP LOCKED))
    RETURNING id, phase)
  SELECT array_agg(id), count(*) FILTER (WHERE phase IN ('r', 's')) INTO v_open, v_ready FROM opened;
  IF cardinality(v_open) IS DISTINCT FROM cardinality(v_waiting) THEN
    INSERT INTO ${schema}.unseen SELECT 'c', id FROM unnest(v_waiting) id WHERE id <> ALL (coalesce(v_open, '{}'));
  END IF;
  RETURN v_ready;
END $$;

-- Looks again at what nobody could see to the end. How many may be handed out now.
CREATE FUNCTION ${schema}.look_again() RETURNS integer ${planning} AS $$
DECLARE
  v_row record;
  v_action record;
  v_done boolean;
  v_ready integer := 0;
BEGIN
  FOR v_row IN SELECT ctid, kind, name FROM ${schema}.unseen LIMIT 100 FOR UPDATE SKIP LOCKED LOOP
    v_done := true;
    IF v_row.kind = 'k' THEN
      v_done := pg_try_advisory_xact_lock(${schema}.lock_of('k', v_row.name));
      IF v_done THEN v_ready := v_ready + ${schema}.let_in(v_row.name); END IF;
    ELSE
      SELECT after, EXISTS (SELECT FROM ${schema}.action b WHERE b.id = a.after) AS before_waits,
        (SELECT outcome FROM ${schema}.finished f WHERE f.id = a.after) AS outcome
        INTO v_action FROM ${schema}.action a WHERE id = v_row.name AND NOT chain_open;
      IF FOUND AND v_action.before_waits THEN
        -- Whoever completes it from here on finds the one that waits; whoever is about to may not have seen it.
        PERFORM FROM ${schema}.action WHERE id = v_action.after FOR SHARE SKIP LOCKED;
        v_done := FOUND;
      ELSIF FOUND AND coalesce(v_action.outcome, 'c') = 'c' THEN
        v_ready := v_ready + ${schema}.open_chains(ARRAY[v_action.after]);
      END IF;
    END IF;
    IF v_done THEN DELETE FROM ${schema}.unseen WHERE ctid = v_row.ctid; END IF;
  END LOOP;
  RETURN v_ready;
END $$;
`;
}
