import { describeError } from "../errors/describe-error.ts";
import { disabledBy } from "../lifecycle/effective-options.ts";
import { PeriodicRunner } from "../lifecycle/periodic-runner.ts";
import { startService } from "../lifecycle/start-service.ts";
import { stopService } from "../lifecycle/stop-service.ts";
import { inStartOrder } from "./order-services.ts";
import type { ConfigurationChange } from "../configuration/configuration-change.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { HostKernel } from "./host-kernel.ts";

/**
 * Applies changes of the settings files while the host runs: `IntervalSeconds` re-plans, `Enabled` starts or stops, `Settings` are checked and taken up. A
 * change that any schema refuses is refused whole, logged, and the last good values stay. Order and priority take effect at the next start. Changes that
 * come while one is being applied wait for it.
 */
export function followConfiguration(host: HostKernel, shutdownTimeout: number): Disposable {
  const { configuration } = host;
  let adopt: (() => void)[] = [];
  let turn: Promise<void> = Promise.resolve();
  const check = configuration.addCheck(async candidate => {
    const typed = [...host.registry].filter(service => service.definition.options.settings !== undefined);
    const checks = await Promise.all(typed.map(service => service.settingsSection.check(candidate)));
    adopt = checks.map(one => one.adopt);
    return { problems: checks.flatMap(one => one.problems), warnings: [] };
  });
  const listener = configuration.onChange(change => {
    for (const take of adopt) take();
    for (const warning of change.warnings) host.logger.warn(warning.message, { source: warning.source });
    host.logger.info("The configuration has changed", { keys: [...change.keys].slice(0, 20) });
    replanChanged(host, change);
    turn = turn.then(() => switchChanged(host, change, shutdownTimeout));
  });
  return {
    [Symbol.dispose]: () => {
      check.dispose();
      listener.dispose();
    },
  };
}

function replanChanged(host: HostKernel, change: ConfigurationChange): void {
  for (const service of host.registry) {
    if (!(service.work instanceof PeriodicRunner) || !change.affects(`${service.settingsSection.path}:IntervalSeconds`)) continue;
    try {
      service.work.replan();
      service.logger.info("The interval has changed", { nextRun: service.work.nextRun });
    } catch (error) {
      service.logger.error(`The service could not take up its new interval: ${describeError(error)}`, { error });
    }
  }
}

/** What is disabled now stops, in reverse order; what is enabled again starts, in order. */
async function switchChanged(host: HostKernel, change: ConfigurationChange, shutdownTimeout: number): Promise<void> {
  const all = change.affects("Sora:BackgroundServices:Enabled");
  const changed = [...host.registry].filter(service => all || change.affects(`${service.settingsSection.path}:Enabled`));
  if (changed.length === 0) return;
  const ordered = changed.length === 1 ? changed : inStartOrder(host).filter(service => changed.includes(service));
  for (const service of ordered.toReversed()) await attempt(service, () => disable(service, shutdownTimeout));
  for (const service of ordered) await attempt(service, () => enable(service));
}

async function disable(service: ServiceRuntime, shutdownTimeout: number): Promise<void> {
  const reason = disabledBy(service);
  if (reason === undefined || service.host.stopping) return;
  const culprits = await stopService(service, `disabled by ${reason}`, shutdownTimeout);
  if (culprits.length > 0)
    service.logger.error(`The service was told to stop, and not everything of it has ended in time: ${culprits.join("; ")}`, { culprits });
  const { change } = service;
  if (change?.kind === "stop") void change.ended.then(() => attempt(service, () => settle(service)));
  else await settle(service);
}

/** What becomes of a service that has been stopped to be disabled: where its stop took its time, it may be enabled again by now. */
async function settle(service: ServiceRuntime): Promise<void> {
  if (service.state.phase !== "stopped" || service.host.stopping) return;
  const reason = disabledBy(service);
  if (reason === undefined) await startService(service);
  else service.move("disable", since => ({ phase: "disabled", since, reason }));
}

async function enable(service: ServiceRuntime): Promise<void> {
  if (service.state.phase === "disabled" && disabledBy(service) === undefined && !service.host.stopping) await startService(service);
}

async function attempt(service: ServiceRuntime, follow: () => Promise<void>): Promise<void> {
  try {
    await follow();
  } catch (error) {
    service.logger.error(`The service could not follow its configuration: ${describeError(error)}`, { error });
  }
}
