/** Facts beside a message; values that look like secrets are redacted by the sink. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * What Sora logs through, and what services get as `this.logger` or `context.logger`. pino, winston and most others
 * fit behind it in a few lines. A line never throws into its caller. Lines written inside a call carry its correlation id.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to each of its lines. */
  child(fields: LogFields): Logger;
  /** Whether a line of this level would be written, for callers to whom making one costs something. A logger without it is taken to write everything. */
  isEnabled?(level: "debug" | "info" | "warn" | "error"): boolean;
}

/** Writes nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silentLogger, isEnabled: () => false };
