import type { StoreBell } from "@sora/core/adapter";
import type { Database } from "./database.ts";

/** What the parts of a store stand on. */
export interface Ground {
  readonly database: Database;
  /** Quoted, as it stands in statements. */
  readonly schema: string;
  /** Tells those who listen here, and those of other processes. */
  readonly ring: (bell: StoreBell) => void;
}
