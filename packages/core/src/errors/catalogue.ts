/** What a caller can conclude from a code alone, before reading a message. */
export interface ErrorCatalogueEntry {
  /** Whether the same request, sent again later and unchanged, can succeed. */
  readonly retryable: boolean;
  /** What to do next, in general; a thrown error may carry a more exact sentence. */
  readonly fix: string;
}

/**
 * Every code a {@link SoraError} can carry. Codes are permanent: one may be added, none is renamed or reused.
 * Each has its paragraph in `docs/reference/errors.md`, which a test holds to this list both ways.
 */
export const errorCatalogue = {
  SORA_DEFINITION_INVALID: { retryable: false, fix: "Correct every definition the message lists, then start again." },
  SORA_DISCOVERY_FAILED: { retryable: false, fix: "Make the named file loadable; decorated TypeScript needs `node --import @sora/core/register`." },
  SORA_CONFIGURATION_INVALID: { retryable: false, fix: "Correct every key the message lists, then start again." },
  SORA_HOST_NOT_RUNNING: { retryable: false, fix: "Start a host first, or call through `host.services(X)`." },
  SORA_HOST_AMBIGUOUS: { retryable: false, fix: "Several hosts run in this process: call through `host.services(X)`." },
  SORA_STARTUP_FAILED: { retryable: true, fix: "Read the cause; set `continueOnFailure` where the host may go on without this service." },
  SORA_STARTUP_TIMEOUT: { retryable: true, fix: "Let the service finish sooner, or raise its `timeoutSeconds` or `StartupTimeoutSeconds`." },
  SORA_SHUTDOWN_TIMEOUT: { retryable: false, fix: "Make the named work observe its signal, or raise `shutdownTimeout`." },
  SORA_SERVICE_UNKNOWN: { retryable: false, fix: "Add the service to the host's `services` or to its discovered folder." },
  SORA_SERVICE_DISABLED: { retryable: false, fix: "Enable the service where the message says it was disabled." },
  SORA_SERVICE_UNAVAILABLE: { retryable: true, fix: "Start the service again, or retry once it runs." },
  SORA_SERVICE_STILL_RUNNING: {
    retryable: true,
    fix: "Start it once that has ended. Make it observe its signal; where it never ends, only a restart of the process helps.",
  },
  SORA_SERVICE_FAILED: { retryable: true, fix: "Read the cause; the service is restarted within its budget." },
  SORA_ACTION_UNKNOWN: {
    retryable: false,
    fix: "Call one of the actions the message lists, or declare it: by `@ServiceAction()` on a method, or under `actions` of `defineService`.",
  },
  SORA_ACTION_TIMEOUT: { retryable: true, fix: "Raise the timeout, or make the action observe `context.signal` and finish sooner." },
  SORA_ACTION_CANCELLED: { retryable: false, fix: "Nothing: the caller, or the stop of the service, asked for it." },
  SORA_PARAMETERS_INVALID: { retryable: false, fix: "Send parameters that the action's schema accepts." },
  SORA_OVERLOADED: { retryable: true, fix: "Retry later, raise the concurrency, or shed load before it gets here." },
  SORA_COMMAND_UNSUPPORTED: { retryable: false, fix: "Send one of the commands the message lists." },
  SORA_EVENT_ARGS_INVALID: { retryable: false, fix: "Emit arguments that the event's schema accepts." },
  SORA_TOPIC_UNROUTED: {
    retryable: true,
    fix: "Give `outboxProcessor` a route for the topic, or `publish` for all that no route takes, or subscribe to it; then `sora outbox retry` has it published after all.",
  },
  SORA_DEPENDENCY_UNKNOWN: { retryable: false, fix: "Add the token or class to the host's `provide`." },
  SORA_DEPENDENCY_CYCLE: { retryable: false, fix: "Break the circle the message names: let one side take the other by a call, not at construction." },
  SORA_DEPENDENCY_SCOPE: { retryable: false, fix: "A singleton cannot hold something scoped: make the holder scoped, or the dependency a singleton." },
  SORA_DEPENDENCY_UNAVAILABLE: { retryable: true, fix: "Nothing here: the service waits for the dependency and spends no restart budget." },
  SORA_INJECTION_CONTEXT: { retryable: false, fix: "Call `inject()` in a field initializer or constructor, or in a factory given to `provide`." },
  SORA_DURATION_INVALID: { retryable: false, fix: 'Write milliseconds as a number, or a string such as "250ms", "30s", "5m", "1h" or "7d".' },
  SORA_CRON_INVALID: { retryable: false, fix: "Write five fields (minute hour day month weekday), or six with seconds first." },
  SORA_TIME_ZONE_INVALID: { retryable: false, fix: 'Use an IANA name such as "Europe/Berlin" or "UTC".' },
  SORA_COMPILER_MISSING: { retryable: false, fix: "Install the compiler: `npm install --save-dev esbuild`." },
  SORA_PACKAGE_MISSING: { retryable: false, fix: "Install the package the message names." },
  SORA_OPTION_INVALID: { retryable: false, fix: "Give what the message says is allowed." },
  SORA_RESULT_NOT_SERIALIZABLE: { retryable: false, fix: "Return JSON values, Date, BigInt, Map, Set or bytes." },
  SORA_PARAMETERS_NOT_SERIALIZABLE: { retryable: false, fix: "Send JSON values, Date, BigInt, Map, Set or bytes." },
  SORA_STORE_UNAVAILABLE: { retryable: true, fix: "Make the database the message names reachable and writable, then try again." },
  SORA_STORE_SCHEMA: { retryable: false, fix: "Update this program: the store was made by a newer version, which older ones leave alone." },
  SORA_TRANSACTION_UNSUPPORTED: { retryable: false, fix: "Give a transaction of one of the clients the message names, on the store's own database." },
  SORA_LEASE_LOST: { retryable: true, fix: "Nothing: another worker has taken the action over; keep the event loop free for less than the lease." },
  SORA_WORKER_LOST: { retryable: true, fix: "Find out why the process ended or stood still; the action is tried again while it has attempts." },
  SORA_CHAIN_STOPPED: { retryable: false, fix: "Have the whole chain tried again, by its id: `sora actions retry <id>`." },
  SORA_ACTION_DEAD: { retryable: false, fix: "Read the cause, correct it, and have the action tried again: `sora actions retry <id>`." },
  SORA_ACTION_EXPIRED: { retryable: false, fix: "Enqueue it anew with a later deadline, or have more workers; one whose deadline is over is never begun." },
  SORA_ACTION_NOT_STORED: { retryable: false, fix: "Check the id; an action is deleted when its retention is over." },
  SORA_SCHEDULE_DAMAGED: { retryable: false, fix: "Schedule it anew under the same id, which mends it, or remove it." },
  SORA_SCHEDULE_UNKNOWN: { retryable: false, fix: "List the schedules and use one of their ids." },
} as const;

export type SoraErrorCode = keyof typeof errorCatalogue;
