import { entry } from "./planning.ts";

export function schedules(schema: string): string {
  return `
CREATE TABLE ${schema}.schedule (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  service text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  recurrence text NOT NULL,
  parameters text,
  envelope text NOT NULL,
  version integer NOT NULL,
  priority double precision NOT NULL,
  attempts bigint NOT NULL,
  paused boolean NOT NULL DEFAULT false,
  next_at double precision,
  last_at double precision,
  created_at bigint NOT NULL
);
CREATE INDEX schedule_due ON ${schema}.schedule (next_at) WHERE NOT paused AND next_at IS NOT NULL;
CREATE INDEX schedule_service ON ${schema}.schedule (service, id);

-- Enqueues the actions of one tick and moves the schedule on. NULL where a key of these actions is held by somebody: to be asked again.
CREATE FUNCTION ${schema}.fire(p_id text, p_tick double precision, p_next double precision, p_actions jsonb) RETURNS boolean ${entry} AS $sora$
DECLARE
  v_lock bigint;
BEGIN
  PERFORM FROM ${schema}.schedule WHERE id = p_id AND next_at = p_tick AND NOT paused FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  IF ${schema}.stands_in_line(p_actions) THEN
    FOREACH v_lock IN ARRAY ${schema}.locks_of(p_actions) LOOP
      IF NOT pg_try_advisory_xact_lock(v_lock) THEN RETURN NULL; END IF;
    END LOOP;
    PERFORM ${schema}.store_in_line(p_actions, true);
  ELSE
    PERFORM ${schema}.store_plain(p_actions);
  END IF;
  UPDATE ${schema}.schedule SET last_at = p_tick, next_at = p_next WHERE id = p_id;
  RETURN true;
END $sora$;
`;
}
