/** Something that happened, to be told to others once the transaction it was written in has been committed. */
export interface NewOutboxEntry {
  /** Made by the caller: where an entry of this id waits or is dead, nothing is written. */
  readonly id: string;
  /** What it is about, by which it is routed: 1 to 200 characters. */
  readonly topic: string;
  /** Entries of one key are published in the order they were written, where the writers themselves wrote one after the other. */
  readonly key?: string;
  /** Encoded. */
  readonly payload?: string;
  /** Correlation and metadata, encoded. */
  readonly envelope: string;
}

export interface OutboxEntry extends NewOutboxEntry {
  /** The order of writing. Numbers become visible out of order, so nobody may page by them. */
  readonly sequence: number;
  readonly writtenAt: number;
  /** How often publishing it has failed. */
  readonly failures: number;
}

/** Entries that were published, and those that could not be. */
export interface OutboxReport {
  /** The relay's token: where a report with a higher one has been written, this one is not. */
  readonly fence: number;
  readonly published: readonly number[];
  /** Tried again after `delay` milliseconds, and until then none of its key; `dead` ones no more, and those of their key go on without them. */
  readonly failed: readonly { readonly sequence: number; readonly error: string; readonly delay: number; readonly dead: boolean }[];
}

/** What waits to be published, in the order of writing. */
export interface OutboxStore {
  /** Writes all or none, in order. */
  append(entries: readonly NewOutboxEntry[]): Promise<void>;
  /** The next ones, in order; none whose key has an earlier one that waits for its time. They stay until they are reported. */
  read(limit: number): Promise<readonly OutboxEntry[]>;
  /** False where another relay has taken over, and nothing was written. What is not there any more is passed over. */
  report(report: OutboxReport): Promise<boolean>;
  /** How many wait, for their time or to be read, and how many are dead. */
  counts(): Promise<{ readonly waiting: number; readonly dead: number }>;
  /** Those that could not be published, the oldest first. */
  dead(limit: number): Promise<readonly (OutboxEntry & { readonly error: string })[]>;
  /** Has dead ones published after all, now and in their old place, with no failure counted; how many it were. */
  retry(sequences: readonly number[]): Promise<number>;
}
