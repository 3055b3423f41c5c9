export type { Clock, ClockTimer } from "./time/clock.ts";
export type { Chance } from "./time/chance.ts";
export type { Ids } from "./time/ids.ts";
export type { LogFields, Logger } from "./logging/logger.ts";
export type { HealthContributor } from "./health/health-contributor.ts";
export { SoraError } from "./errors/sora-error.ts";
