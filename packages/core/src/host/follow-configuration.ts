import { describeError } from "../errors/describe-error.ts";
import { disabledBy } from "../lifecycle/effective-options.ts";
import { PeriodicRunner } from "../lifecycle/periodic-runner.ts";
import { startService, stopService } from "../lifecycle/service-control.ts";
import type { ConfigurationChange } from "../configuration/configuration-change.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { HostKernel } from "./host-kernel.ts";

/**
 * Applies changes of the settings files while the host runs: `IntervalSeconds` re-plans, `Enabled` starts or stops, `Settings` are checked and taken up. A
 * change that any schema refuses is refused whole, logged, and the last good values stay. Order and priority take effect at the next start.
 */
export function followConfiguration(host: HostKernel, shutdownTimeout: number): Disposable {
  const { configuration } = host;
  let adopt: (() => void)[] = [];
  const check = configuration.addCheck(async candidate => {
    const typed = [...host.registry].filter(service => service.definition.options.settings !== undefined);
    const checks = await Promise.all(typed.map(service => service.settingsSection.check(candidate)));
    adopt = checks.map(one => one.adopt);
    return { problems: checks.flatMap(one => one.problems), warnings: [] };
  });
  const listener = configuration.onChange(async change => {
    for (const take of adopt) take();
    for (const warning of change.warnings) host.logger.warn(warning.message, { source: warning.source });
    host.logger.info("The configuration has changed", { keys: [...change.keys].slice(0, 20) });
    for (const service of host.registry) await apply(service, change, shutdownTimeout);
  });
  return {
    [Symbol.dispose]: () => {
      check.dispose();
      listener.dispose();
    },
  };
}

async function apply(service: ServiceRuntime, change: ConfigurationChange, shutdownTimeout: number): Promise<void> {
  const { host } = service;
  if (host.stopping) return;
  const all = "Sora:BackgroundServices:Enabled";
  const { path } = service.settingsSection;
  if (change.affects(`${path}:Enabled`) || change.affects(all)) await switchOnOrOff(service, shutdownTimeout);
  if (change.affects(`${path}:IntervalSeconds`) && service.work instanceof PeriodicRunner) {
    service.work.replan();
    service.logger.info("The interval has changed", { nextRun: service.work.nextRun });
  }
}

async function switchOnOrOff(service: ServiceRuntime, shutdownTimeout: number): Promise<void> {
  const reason = disabledBy(service);
  try {
    if (reason === undefined) {
      if (service.state.phase === "disabled") await startService(service);
      return;
    }
    await stopService(service, `disabled by ${reason}`, shutdownTimeout);
    if (service.state.phase === "stopped") service.move("disable", since => ({ phase: "disabled", since, reason }));
  } catch (error) {
    service.logger.error(`The service could not follow its configuration: ${describeError(error)}`, { error });
  }
}
