import pg from "pg";

/** The server that tests make schemas of their own in. */
export const postgres: string = process.env["SORA_TEST_POSTGRES"] ?? "postgres://postgres@127.0.0.1:5432/test";

/** Why it cannot be used; `undefined` where it can. Where servers are required it is an error. */
export const whyNoPostgres: string | undefined = await unreachable();
if (whyNoPostgres !== undefined && process.env["SORA_REQUIRE_SERVERS"] === "1")
  throw new Error(`PostgreSQL must answer at ${new URL(postgres).host}: ${whyNoPostgres}`);

async function unreachable(): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: postgres, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.end();
    return undefined;
  } catch (error) {
    return `PostgreSQL does not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}
