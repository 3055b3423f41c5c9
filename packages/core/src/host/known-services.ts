import { configurationError } from "../configuration/configuration-problem.ts";
import { findConfigurationProblems } from "../configuration/find-problems.ts";
import { validateConfiguration } from "../configuration/validate-configuration.ts";
import type { ConfigurationProblem } from "../configuration/configuration-problem.ts";
import type { ConfigurationRoot } from "../configuration/configuration-root.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { HostKernel } from "./host-kernel.ts";

/** The names that configuration is held against; a service whose field gives it another name is known only once it is made. */
export class KnownServices {
  readonly serviceSections: Map<string, string>;
  readonly #host: HostKernel;
  readonly #renamed: ServiceRuntime[] = [];

  constructor(host: HostKernel, services: readonly ServiceRuntime[]) {
    this.#host = host;
    this.serviceSections = sectionsOf(services);
  }

  get serviceNames(): string[] {
    return this.#host.registry.list().map(({ name }) => name);
  }

  rename(service: ServiceRuntime, before: string): void {
    const section = this.serviceSections.get(before);
    this.serviceSections.delete(before);
    if (section !== undefined) this.serviceSections.set(service.name, section);
    this.#renamed.push(service);
  }

  /** Logs the warnings, and checks the settings of those that have renamed themselves. */
  async finish(): Promise<void> {
    const { configuration, logger } = this.#host;
    for (const warning of findConfigurationProblems(configuration, this).warnings) logger.warn(warning.message, { source: warning.source });
    const problems = await checkSettings(this.#renamed, configuration);
    if (problems.length > 0) throw configurationError(problems, "Cannot start the host with this configuration");
  }
}

/** Holds the configuration against the registered services. @throws SoraError `SORA_CONFIGURATION_INVALID` with all that is wrong. */
export async function checkConfiguration(host: HostKernel, services: readonly ServiceRuntime[]): Promise<KnownServices> {
  const { configuration } = host;
  const known = new KnownServices(host, services);
  validateConfiguration(configuration, known, [...host.durable.configurationProblems, ...(await checkSettings(services, configuration))]);
  return known;
}

/** What the services' schemas find wrong with their settings; where nothing is, all are adopted. */
async function checkSettings(services: readonly ServiceRuntime[], configuration: ConfigurationRoot): Promise<ConfigurationProblem[]> {
  const typed = services.filter(service => service.definition.options.settings !== undefined);
  const checks = await Promise.all(typed.map(service => service.settingsSection.check(configuration)));
  const problems = checks.flatMap(check => check.problems);
  if (problems.length === 0) for (const check of checks) check.adopt();
  return problems;
}

/** Services that have a section of their own, by name. */
function sectionsOf(services: readonly ServiceRuntime[]): Map<string, string> {
  const sections = new Map<string, string>();
  for (const { name, definition } of services)
    if (definition.options.configurationSection !== undefined) sections.set(name, definition.options.configurationSection);
  return sections;
}
