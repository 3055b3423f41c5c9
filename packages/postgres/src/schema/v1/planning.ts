/**
 * What every function is declared with. Its statements are planned once for each connection, maybe while the tables are empty, and used until the statistics are made anew; so the planner is left
 * no choice but the indexes that were made for them. Compiling a plan would take longer than all of them run.
 */
export const planning = `LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off`;
