import { silentLogger } from "../logging/logger.ts";
import { parseDuration } from "../time/duration.ts";
import { systemChance } from "../time/chance.ts";
import { systemClock } from "../time/system-clock.ts";
import { systemIds } from "../time/ids.ts";
import type { InternalHostOptions, ResolvedHostOptions, SoraHostOptions } from "./host-options.ts";

/** Fills in the defaults. @throws SoraError `SORA_DURATION_INVALID` for a bad `shutdownTimeout`. */
export function resolveHostOptions(options: SoraHostOptions & InternalHostOptions): ResolvedHostOptions {
  return {
    name: options.name ?? `${process.getBuiltinModule("node:os").hostname()}-${process.pid}`,
    services: options.services ?? [],
    discover: options.discover === undefined ? [] : listOf(options.discover),
    environment: options.environment,
    configuration: options.configuration,
    contentRoot: options.contentRoot instanceof URL ? process.getBuiltinModule("node:url").fileURLToPath(options.contentRoot) : options.contentRoot,
    provide: options.provide ?? [],
    contributors: options.contributors ?? [],
    clock: options.clock ?? systemClock,
    chance: options.chance ?? systemChance,
    ids: options.ids ?? systemIds,
    logger: options.logger === false ? silentLogger : options.logger,
    intercept: options.intercept === undefined ? [] : listOf(options.intercept),
    shutdownTimeout: parseDuration(options.shutdownTimeout ?? "25s", "shutdownTimeout"),
    onCriticalFailure: options.onCriticalFailure ?? "report",
    signals: options.signals ?? false,
    web: options.web === true ? {} : options.web === false ? undefined : options.web,
    ambientFlow: options.ambientFlow ?? true,
    watchConfiguration: options.watchConfiguration ?? true,
    env: options.env,
    runsAll: options.runsAll ?? false,
    builtIns: options.builtIns ?? true,
    settingsFiles: options.settingsFiles ?? true,
    loopMonitor: options.loopMonitor ?? true,
    onKernel: options.onKernel,
  };
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
