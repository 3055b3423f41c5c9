/**
 * A start or a stop that takes its time: whoever asks for the same, or for what comes after, waits for it. A stop is `done` when its time is over at the latest, with what
 * has not ended by then, and has `ended` once nothing of the service goes on, which may be never.
 */
export type ServiceChange =
  | { readonly kind: "start"; readonly done: Promise<void> }
  | { readonly kind: "stop"; readonly done: Promise<readonly string[]>; readonly ended: Promise<void> };
