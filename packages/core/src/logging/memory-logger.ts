import type { LogFields, Logger } from "./logger.ts";
import type { LogLevel } from "./log-level.ts";

/** One line as it was written: the fields hold the very values given, its logger's fields below its own. */
export interface MemoryLogLine {
  readonly level: Exclude<LogLevel, "silent">;
  readonly message: string;
  readonly fields: LogFields;
}

/** A {@link Logger} that remembers. */
export interface MemoryLogger extends Logger {
  /** Every line of this logger and its children, oldest first. */
  readonly lines: readonly MemoryLogLine[];
  /** Forgets the lines so far. */
  clear(): void;
  child(fields: LogFields): MemoryLogger;
}

/** A logger for tests: keeps every line of every level and writes none. `correlation` works as in `createPinoLogger`. */
export function createMemoryLogger(options: { readonly correlation?: () => string | undefined } = {}): MemoryLogger {
  const lines: MemoryLogLine[] = [];
  const create = (inherited: LogFields): MemoryLogger => {
    const at =
      (level: MemoryLogLine["level"]) =>
      (message: string, fields?: LogFields): void => {
        lines.push({ level, message, fields: merge(correlate(options.correlation), inherited, fields) });
      };
    return {
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      child: fields => create(merge(inherited, fields)),
      lines,
      clear: () => void lines.splice(0),
    };
  };
  return create({});
}

function correlate(correlation: (() => string | undefined) | undefined): LogFields {
  try {
    const correlationId = correlation?.();
    return correlationId === undefined ? {} : { correlationId };
  } catch {
    return {};
  }
}

/** Copies property by property, since a line never throws into its caller, whatever getters and Proxies do. */
function merge(...parts: readonly (LogFields | undefined)[]): LogFields {
  const merged: Record<string, unknown> = {};
  for (const part of parts) {
    try {
      for (const key of Object.keys(part ?? {}))
        Object.defineProperty(merged, key, { value: read(part as LogFields, key), enumerable: true, configurable: true, writable: true });
    } catch {
      merged["fields"] = "[unreadable]";
    }
  }
  return merged;
}

function read(fields: LogFields, key: string): unknown {
  try {
    return fields[key];
  } catch {
    return "[unreadable]";
  }
}
