import type { ConfigurationRoot } from "./configuration-root.ts";
import { configurationError } from "./configuration-problem.ts";
import type { ConfigurationProblem, ConfigurationWarning } from "./configuration-problem.ts";
import { findConfigurationProblems } from "./find-problems.ts";
import type { KnownConfiguration } from "./find-problems.ts";

/**
 * Holds a configuration against what the host knows, now and at every reload. Returns the warnings. `found` are problems
 * its caller found itself, in settings that have a schema for example.
 *
 * @throws SoraError `SORA_CONFIGURATION_INVALID` with every problem of the files, the environment, the host's options, the known sections and `found` together.
 */
export function validateConfiguration(
  root: ConfigurationRoot,
  known: KnownConfiguration = {},
  found: readonly ConfigurationProblem[] = [],
): readonly ConfigurationWarning[] {
  const { problems, warnings } = findConfigurationProblems(root, known);
  const all = [...root.loadProblems, ...problems, ...found];
  if (all.length > 0) throw configurationError(all, "Cannot start the host with this configuration");
  root.addCheck(candidate => findConfigurationProblems(candidate, known));
  return warnings;
}
