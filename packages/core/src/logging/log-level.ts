import { SoraError } from "../errors/sora-error.ts";

/** The least important line that is written; `silent` writes none. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** The levels in rising order of importance. A line is written when its value is at least its logger's. */
export const logLevelValues: Readonly<Record<LogLevel, number>> = { debug: 20, info: 30, warn: 40, error: 50, silent: 100 };

/**
 * The value of `level`.
 *
 * @throws SoraError `SORA_OPTION_INVALID` for anything but a {@link LogLevel}.
 */
export function logLevelValue(level: LogLevel): number {
  if (Object.hasOwn(logLevelValues, level)) return logLevelValues[level];
  const allowed = Object.keys(logLevelValues).join(", ");
  throw new SoraError("SORA_OPTION_INVALID", `Cannot set the log level: ${JSON.stringify(level)} is not one of ${allowed}.`, {
    details: { option: "level", seen: level },
  });
}
