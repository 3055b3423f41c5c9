import type { ConfigurationRoot } from "./configuration-root.ts";
import { configurationError } from "./configuration-problem.ts";
import type { ConfigurationWarning } from "./configuration-problem.ts";
import { findConfigurationProblems } from "./find-problems.ts";
import type { KnownConfiguration } from "./find-problems.ts";

/**
 * Holds a configuration against what the host knows, now and at every reload. Returns the warnings.
 *
 * @throws SoraError `SORA_CONFIGURATION_INVALID` with every problem of the files, the environment, the host's options and the known sections together.
 */
export function validateConfiguration(root: ConfigurationRoot, known: KnownConfiguration = {}): readonly ConfigurationWarning[] {
  const { problems, warnings } = findConfigurationProblems(root, known);
  const all = [...root.loadProblems, ...problems];
  if (all.length > 0) throw configurationError(all, "Cannot start the host with this configuration");
  root.addCheck(candidate => findConfigurationProblems(candidate, known));
  return warnings;
}
