/** What has become of the events a subscription was offered; each is in one of these, or is being handled right now. */
export interface SubscriptionStats {
  /** Handled without an error. */
  readonly delivered: number;
  /** The handler, or the filter, threw or rejected. */
  readonly failed: number;
  /** Never handled: no room was left, or the subscription was disposed of while they waited. */
  readonly dropped: number;
  /** Refused by the filter. */
  readonly filtered: number;
  /** In the queue, not begun. */
  readonly waiting: number;
}

/** A subscription that lasts until it is disposed of; `using` and `await using` take it. */
export interface Subscription extends Disposable, AsyncDisposable {
  /** Ends it at once: nothing that has not begun is handled any more. Running handlers go on. Calling it again does nothing. */
  dispose(): void;
  [Symbol.dispose](): void;
  /** Ends it, and resolves once the handlers that were running have finished, after 30 s at most. */
  [Symbol.asyncDispose](): Promise<void>;
  /** A snapshot; it can be read after `dispose()` too. */
  readonly stats: SubscriptionStats;
}
