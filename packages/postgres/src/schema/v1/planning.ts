/**
 * What functions are declared with that others of the schema call. They are planned as those that call them are.
 */
export const inner = "LANGUAGE plpgsql";

/**
 * What functions are declared with that are called from outside. Their statements are planned once for each connection, maybe while the tables are empty, and used until the statistics are made anew;
 * so the planner is left no choice but the indexes that were made for them. Planning anew for the values at hand, or compiling a plan, would take longer than all of them run.
 */
export const entry: string = `${inner}
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off`;
