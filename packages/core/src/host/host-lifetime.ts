/** When a host has started, and when it begins to stop; the reference's `IHostApplicationLifetime`. */
export interface HostLifetime {
  /** Aborted, as a notification, once every service has been started. */
  readonly started: AbortSignal;
  /** Aborted as soon as the host is asked to stop. */
  readonly stopping: AbortSignal;
}
