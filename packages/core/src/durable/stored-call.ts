/** What a call knows that comes from a store: the door between the worker and the context of the action. */
export interface StoredCall {
  /** The stored action's id. */
  readonly id: string;
  /** Which attempt it is, from 1. */
  readonly attempt: number;
  /** Whether it waits for its service to be up, or for a slot of its own or its service's concurrency; or did so until it ended. */
  waits: boolean;
  /** Takes what the handler tells of its progress; `undefined` is a sign of life alone. */
  progress(value: unknown): void;
}
