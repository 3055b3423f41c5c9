/** An occurrence of an event, as it travels: the arguments and where they came from. */
export interface EventEnvelope {
  readonly service: string;
  readonly event: string;
  readonly args?: unknown;
  readonly id?: string;
  /** When it was emitted, in milliseconds since the epoch. */
  readonly at: number;
  readonly correlationId?: string;
  /** What it was emitted for, where the host knows. */
  readonly cause?: unknown;
}
