import { silentLogger } from "../logging/logger.ts";
import { parseDuration } from "../time/duration.ts";
import { systemChance } from "../time/chance.ts";
import { systemClock } from "../time/system-clock.ts";
import { systemIds } from "../time/ids.ts";
import { checkedHostOptions } from "./check-host-options.ts";
import { rig } from "./host-options.ts";
import type { ResolvedHostOptions, RiggedHostOptions } from "./host-options.ts";

/** Fills in the defaults. @throws SoraError `SORA_OPTION_INVALID` with everything that is wrong with the options. */
export function resolveHostOptions(given: RiggedHostOptions): ResolvedHostOptions {
  const options = checkedHostOptions(given);
  const { env, runsAll = false, builtIns = true, settingsFiles = true, loopMonitor = true, onKernel, openDurable } = given[rig] ?? {};
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
    store: options.store,
    worker: options.worker === false ? false : options.worker === true || options.worker === undefined ? {} : options.worker,
    ambientFlow: options.ambientFlow ?? true,
    watchConfiguration: options.watchConfiguration ?? true,
    env,
    runsAll,
    builtIns,
    settingsFiles,
    loopMonitor,
    onKernel,
    openDurable,
  };
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
