import { createPinoLogger } from "../logging/pino-logger.ts";
import { currentContext } from "./ambient.ts";
import type { ConfigurationRoot } from "../configuration/configuration-root.ts";
import type { LogLevel } from "../logging/log-level.ts";
import type { Logger } from "../logging/logger.ts";

/** The logger of a host that was given none: pino, for people in Development and as JSON elsewhere, unless `Sora:Logging` says otherwise. */
export function hostLogger(configuration: ConfigurationRoot): Logger {
  const level = configuration.get<LogLevel>("Sora:Logging:Level", "info");
  const format = configuration.get<"json" | "text">("Sora:Logging:Format", configuration.environment === "Production" ? "json" : "text");
  return createPinoLogger({
    ...(isLevel(level) ? { level } : undefined),
    format: format === "json" ? "json" : "text",
    correlation: () => currentContext()?.flowingCorrelationId(),
  });
}

/** A level that is none is reported with the other problems of the configuration, not here. */
function isLevel(level: unknown): level is LogLevel {
  return ["debug", "info", "warn", "error", "silent"].includes(level as string);
}
