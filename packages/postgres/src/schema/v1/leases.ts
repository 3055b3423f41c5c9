import { entry } from "./planning.ts";

/** Names held by somebody, and the last tick of each periodic service. */
export function leases(schema: string): string {
  return `
CREATE TABLE ${schema}.lease (
  name text COLLATE "C" NOT NULL PRIMARY KEY,
  holder text COLLATE "C",               -- NULL once it has been released; the row stays, since its token must go on rising
  token bigint NOT NULL,
  expires_at double precision NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE ${schema}.tick (
  service text COLLATE "C" NOT NULL PRIMARY KEY,
  last double precision NOT NULL,
  fence bigint NOT NULL
) WITH (fillfactor = 50);

CREATE FUNCTION ${schema}.take_tick(p_service text, p_at double precision, p_gap double precision, p_fence bigint, OUT taken boolean, OUT last double precision) ${entry} AS $sora$
BEGIN
  INSERT INTO ${schema}.tick AS t VALUES (p_service, p_at, coalesce(p_fence, 0))
  ON CONFLICT (service) DO UPDATE SET last = p_at, fence = greatest(t.fence, p_fence)
    WHERE t.last < p_at AND p_at - t.last >= p_gap AND coalesce(p_fence, t.fence) >= t.fence;
  taken := FOUND;
  SELECT t.last INTO last FROM ${schema}.tick t WHERE service = p_service;
END $sora$;
`;
}
