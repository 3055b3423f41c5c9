import { isSecretKey, redactValue } from "./redact.ts";
import { describeError } from "../errors/describe-error.ts";
import { escapeJsonLine } from "./escape-control-characters.ts";
import { logLevelValue, logLevelValues } from "./log-level.ts";
import type { LogLevel } from "./log-level.ts";
import { isErrorRecord, setEntry, toLoggable } from "./loggable-value.ts";
import type { Redact } from "./loggable-value.ts";
import type { LogFields, Logger } from "./logger.ts";
import { Library } from "../libraries/library.ts";
import { createPlainSink, writeOut } from "./plain-sink.ts";
import type { LineWriter } from "./plain-sink.ts";
import { formatTextLine } from "./text-line.ts";
import type { LogRecord } from "./text-line.ts";
import { isVetted } from "./vetted-fields.ts";

/** Where finished lines go, each ending in a line break; any writable stream will do. */
export interface LogDestination {
  write(line: string): unknown;
  readonly isTTY?: boolean | undefined;
}

export interface PinoLoggerOptions {
  /** The least important level that is written; `"info"` by default. */
  readonly level?: LogLevel;
  /** `"json"`, the default, for machines: one object a line; `"text"` for people. */
  readonly format?: "json" | "text";
  /** Standard output by default, written synchronously, so that no line is lost when the process ends. */
  readonly destination?: LogDestination;
  /** Asked as each line is written; what it returns becomes the line's `correlationId`, unless the line has its own. */
  readonly correlation?: () => string | undefined;
  /**
   * Asked for the message, under the key `msg`, and for every field at any depth; what it returns is written. By default what looks
   * like a secret is replaced, as {@link redactValue} says.
   */
  readonly redact?: Redact;
}

/** A {@link Logger} whose level can change at any time; a logger and all its children share one. */
export interface PinoLogger extends Logger {
  level: LogLevel;
  child(fields: LogFields): PinoLogger;
}

/** What a logger shares with its children. */
interface Sink {
  level: LogLevel;
  threshold: number;
  writer: LineWriter | undefined;
  complained: boolean;
  readonly options: PinoLoggerOptions;
}

type PinoLibrary = Pick<typeof import("pino"), "pino">;

export const pino: Library<PinoLibrary> = new Library("pino", () => import("pino"));

type WrittenLevel = Exclude<LogLevel, "silent">;

// Objects are looked into entry by entry as they are copied, so only what stands under a secret's name is replaced whole.
const redactSecrets: Redact = (key, value) => (typeof value === "object" && !isSecretKey(key) ? value : redactValue(key, value));
// Keys that a line has of its own; a field of the same name is written as `fields.time` and so on.
const ownKeys: ReadonlySet<string> = new Set(["level", "time", "pid", "hostname", "msg"]);

/**
 * Sora's log sink, on pino. Loads pino when the first line passes the level, so that a silent start does not pay for it.
 * Writing a line never throws and never rejects: what cannot be read becomes `[unreadable]`, and when the destination itself fails
 * one sentence goes to standard error. In both formats one line is one line: control characters are escaped.
 *
 * @throws SoraError `SORA_OPTION_INVALID` for an unknown level, here and where `level` is set.
 */
export function createPinoLogger(options: PinoLoggerOptions = {}): PinoLogger {
  const level = options.level ?? "info";
  return createChild({ level, threshold: logLevelValue(level), writer: undefined, complained: false, options }, []);
}

function createChild(sink: Sink, inherited: readonly LogFields[]): PinoLogger {
  const at = (level: WrittenLevel) => {
    const value = logLevelValues[level];
    return (message: string, fields?: LogFields): void => {
      if (value >= sink.threshold) write(sink, level, message, inherited, fields);
    };
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: fields => createChild(sink, [...inherited, fields]),
    isEnabled: level => logLevelValues[level] >= sink.threshold,
    get level() {
      return sink.level;
    },
    set level(level: LogLevel) {
      sink.threshold = logLevelValue(level);
      sink.level = level;
    },
  };
}

function write(sink: Sink, level: WrittenLevel, message: unknown, inherited: readonly LogFields[], fields: unknown): void {
  try {
    const redact = sink.options.redact ?? redactSecrets;
    const record: Record<string, unknown> = {};
    for (const each of [...inherited, fields]) addFields(record, each, redact);
    const correlationId = correlate(sink.options);
    if (correlationId !== undefined) record["correlationId"] ??= correlationId;
    const text = toLoggable("msg", typeof message === "string" ? message : describeError(message), redact);
    sink.writer ??= openSink(sink.options, failure => complain(sink, failure));
    sink.writer[level]({ record }, String(text));
  } catch (failure) {
    complain(sink, failure);
  }
}

function addFields(record: Record<string, unknown>, fields: unknown, redact: Redact): void {
  if (fields === undefined || fields === null) return;
  if (isVetted(fields)) {
    for (const key of Object.keys(fields)) record[key] = fields[key];
    return;
  }
  const copied = toLoggable("fields", fields, redact);
  if (typeof copied !== "object" || copied === null) record["fields"] = copied;
  else if (isErrorRecord(copied)) record["error"] = copied; // `logger.error("…", error)`, as plain JavaScript may call it
  else for (const [key, value] of Object.entries(copied)) setEntry(record, ownKeys.has(key) ? `fields.${key}` : key, value);
}

function correlate(options: PinoLoggerOptions): string | undefined {
  try {
    return options.correlation?.();
  } catch {
    return undefined; // the line matters more than its correlation id
  }
}

function openSink(options: PinoLoggerOptions, onError: (failure: unknown) => void): LineWriter {
  const { destination } = options;
  const colour = (destination === undefined ? process.getBuiltinModule("node:tty").isatty(1) : destination.isTTY === true) && !process.env["NO_COLOR"];
  const json = options.format !== "text";
  const shape = json ? escapeJsonLine : (line: string): string => formatTextLine(JSON.parse(line) as LogRecord, colour);
  const { pino: create } = pinoIfThere() ?? {};
  if (create === undefined) {
    const base = json ? { pid: process.pid, hostname: process.getBuiltinModule("node:os").hostname() } : {};
    return createPlainSink(base, line => void (destination === undefined ? writeOut(shape(line)) : destination.write(shape(line))));
  }
  return create(
    {
      level: "debug", // levels are decided before pino is asked, and may change at run time
      ...(json ? {} : { base: null }),
      timestamp: create.stdTimeFunctions.isoTime,
      serializers: { err: value => value }, // errors are plain copies by now; pino's own serializer would drop the fix
      formatters: { level: label => ({ level: label }), log: wrapped => wrapped["record"] as Record<string, unknown> },
      hooks: { streamWrite: shape },
    },
    destination ?? create.destination({ fd: 1, sync: true }).on("error", onError),
  );
}

function pinoIfThere(): PinoLibrary | undefined {
  try {
    return pino.get();
  } catch {
    return undefined; // a bundler has left it out, or broken it; the lines are the same without
  }
}

/** The last resort, once per logger: a log that has failed must be noticed, and must not fail its caller. */
function complain(sink: Sink, failure: unknown): void {
  if (sink.complained) return;
  sink.complained = true;
  try {
    process.stderr.write(`Sora cannot write its log: ${describeError(failure)}. Lines are being lost.\n`);
  } catch {
    // nowhere left to say it
  }
}
