/** What code, HTTP and the command line refuse alike. */
export interface Limits {
  /** A call's priority is a whole number from minus this to this. */
  readonly priority: number;
  /** How often a stored action may be begun in all, at most. */
  readonly attempts: number;
  /** Characters of a key, or of a schedule's id, at most. */
  readonly keyLength: number;
  /** How many one page of a list holds, at most. */
  readonly page: number;
  /** How many it holds where nothing is said, in every store too. */
  readonly usualPage: number;
}

export const limits: Limits = Object.freeze({ priority: 1_000_000, attempts: 1_000_000, keyLength: 300, page: 1_000, usualPage: 100 });
