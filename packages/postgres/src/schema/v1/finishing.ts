/** What goes with an action from \`action\` to \`finished\`, and back. */
export const carried =
  "seq, rank, enqueued_at, due_at, started_at, attempts, attempt, fence, key_limit, cancel_requested, id, queue, parameters, envelope, progress, key, idempotency_key, debounce_key, after";

/** The same, of the table or row that goes by \`alias\`. */
export const carriedOf = (alias: string): string =>
  carried
    .split(", ")
    .map(column => `${alias}.${column}`)
    .join(", ");
