import type { Configuration as ConfigurationPort } from "../configuration/configuration.ts";
import type { Logger as LoggerPort } from "../logging/logger.ts";
import type { Clock as ClockPort } from "../time/clock.ts";
import { token } from "./token.ts";
import type { Token } from "./token.ts";

/** All of Sora's time. `inject(Clock)` is the host's clock: the system's, or the virtual one of a test. */
export const Clock: Token<ClockPort> = token("Clock");
export type Clock = ClockPort;

/** Settings by key. `inject(Configuration)` is the host's whole configuration, of which a service's own `this.configuration` is a section. */
export const Configuration: Token<ConfigurationPort> = token("Configuration");
export type Configuration = ConfigurationPort;

/** What Sora logs through. `inject(Logger)` is the host's logger, for provided classes; a service's own `this.logger` adds its name. */
export const Logger: Token<LoggerPort> = token("Logger");
export type Logger = LoggerPort;
