/** States as they are told, made of what is stored and the time. */
export function states(schema: string): string {
  return `
CREATE FUNCTION ${schema}.state_of(p_phase "char", p_failed boolean, p_due_at bigint, p_time double precision) RETURNS text LANGUAGE sql IMMUTABLE AS $sora$
  SELECT CASE WHEN p_phase = 'x' THEN 'running' WHEN p_failed THEN 'failed' WHEN p_due_at > p_time THEN 'delayed' ELSE 'waiting' END
$sora$;

CREATE FUNCTION ${schema}.outcome_of(p_outcome "char") RETURNS text LANGUAGE sql IMMUTABLE AS $sora$
  SELECT CASE p_outcome WHEN 'c' THEN 'completed' WHEN 'd' THEN 'dead' ELSE 'cancelled' END
$sora$;

-- Whether an action of a chain that comes after this one has to wait: this one is stored, and not completed.
CREATE FUNCTION ${schema}.waits_for(p_before text) RETURNS boolean LANGUAGE sql STABLE AS $sora$
  SELECT EXISTS (SELECT FROM ${schema}.action WHERE id = p_before) OR EXISTS (SELECT FROM ${schema}.finished WHERE id = p_before AND outcome <> 'c')
$sora$;
`;
}
