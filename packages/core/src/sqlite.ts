export { createSqliteStore } from "./durable/sqlite/sqlite-store.ts";
export type { SqliteStoreOptions } from "./durable/sqlite/sqlite-store-options.ts";
