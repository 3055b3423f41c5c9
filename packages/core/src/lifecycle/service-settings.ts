import { checkSchema } from "../definition/schema.ts";
import { adaptNames } from "../configuration/adapt-names.ts";
import { serviceConfiguration, serviceConfigurationPath } from "../configuration/service-configuration.ts";
import { redactValue } from "../logging/redact.ts";
import { describeError } from "../errors/describe-error.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { ConfigurationProblem } from "../configuration/configuration-problem.ts";
import type { ConfigurationTree } from "../configuration/configuration-node.ts";
import type { ServiceRuntime } from "./service-runtime.ts";

/** A service's part of the configuration, and its `Settings` in the shape its schema gives them. */
export class ServiceSettings {
  readonly #service: ServiceRuntime;
  #checked: unknown = undefined;
  #section: Configuration | undefined = undefined;

  constructor(service: ServiceRuntime) {
    this.#service = service;
  }

  /** The key of the service's section. */
  get path(): string {
    const { definition, name } = this.#service;
    return serviceConfigurationPath(name, definition.options.configurationSection);
  }

  get section(): Configuration {
    return (this.#section ??= this.#service.host.configuration.section(this.path));
  }

  /** The service has another name now, and so another section. */
  moved(): void {
    this.#section = undefined;
  }

  /** What the schema made of the settings last time they passed; without a schema, the settings as they stand now. */
  get value(): unknown {
    const { definition, host } = this.#service;
    return definition.options.settings === undefined ? this.#raw(host.configuration) : this.#checked;
  }

  /** What the schema finds wrong with the settings of `candidate`. Settings that pass are adopted by the returned function. */
  async check(candidate: ConfigurationTree & Configuration): Promise<{ readonly problems: readonly ConfigurationProblem[]; adopt(): void }> {
    const schema = this.#service.definition.options.settings;
    if (schema === undefined) return { problems: [], adopt: () => {} };
    const raw = await adaptNames(schema, this.#raw(candidate));
    try {
      const outcome = await checkSchema(schema, raw);
      if (outcome.ok) return { problems: [], adopt: () => void (this.#checked = outcome.value) };
      return { adopt: () => {}, problems: outcome.issues.map(issue => this.#problem(candidate, raw, issue.path, issue.message)) };
    } catch (error) {
      return { adopt: () => {}, problems: [this.#problem(candidate, raw, [], `its schema threw: ${describeError(error)}`)] };
    }
  }

  #raw(from: ConfigurationTree): Readonly<Record<string, unknown>> {
    const { definition, name } = this.#service;
    return serviceConfiguration(from, name, definition.options.configurationSection).settings;
  }

  #problem(candidate: Configuration, raw: unknown, path: readonly (string | number)[], message: string): ConfigurationProblem {
    const key = [this.path, "Settings", ...path].join(":");
    const seen = path.reduce<unknown>(
      (value, part) => (typeof value === "object" && value !== null ? (value as Record<string | number, unknown>)[part] : undefined),
      raw,
    );
    const last = path.at(-1);
    const shown = redactValue(typeof last === "string" ? last : "Settings", seen);
    return {
      path: key,
      source: candidate.source(key) ?? `the settings of ${this.#service.name}`,
      expected: `what the settings schema of ${this.#service.name} accepts (${message})`,
      got: shown === undefined ? "nothing" : (JSON.stringify(shown) ?? String(shown)),
      fix: `Set ${key} to a value the schema accepts.`,
    };
  }
}
