/** The time, as every host sees it, in milliseconds since the epoch; with a fraction, so that what waits is rounded up and never begins early. */
export function time(schema: string): string {
  return `
CREATE FUNCTION ${schema}.now_ms() RETURNS double precision LANGUAGE sql VOLATILE AS $sora$
  SELECT extract(epoch FROM clock_timestamp())::double precision * 1000
$sora$;

-- A time so far away that nobody can tell it from never, as the latest that JavaScript has a date for.
CREATE FUNCTION ${schema}.whole_ms(p_time double precision) RETURNS bigint LANGUAGE sql IMMUTABLE AS $sora$
  SELECT ceil(least(p_time, 8.64e15))::bigint
$sora$;
`;
}
