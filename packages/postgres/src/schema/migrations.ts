import { v1 } from "./v1/index.ts";

/** Brings a schema from one version to the next. */
export interface Migration {
  /** What the schema's version is afterwards; 1 for the first, and so on without a gap. */
  readonly version: number;
  /** `schema` is quoted. One that has been published is never changed. */
  readonly sql: (schema: string, channel: string) => string;
}

/** In their order. */
export const migrations: readonly Migration[] = [{ version: 1, sql: v1 }];
