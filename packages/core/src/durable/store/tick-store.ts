/** One tick of a periodic service. */
export interface Tick {
  readonly service: string;
  /** When it was due, in milliseconds since the epoch. */
  readonly at: number;
  /** It is taken only where the last one was before it, and at least by so many milliseconds. */
  readonly gap: number;
  /** The holder's token where the service is a singleton: taken only where no higher one has been seen. */
  readonly fence?: number;
}

export interface TickAnswer {
  readonly taken: boolean;
  /** The last tick taken; this one where it was. */
  readonly last: number;
}

/** Remembers the last tick of each periodic service, so that one tick runs once in the whole cluster, and what was missed while nobody ran is known. */
export interface TickStore {
  /** Of those that have any. */
  last(services: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Takes a tick for the one who asks first. */
  take(tick: Tick): Promise<TickAnswer>;
}
