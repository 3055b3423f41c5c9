import { SoraError } from "../errors/sora-error.ts";

/** Where a value was written. `line` counts from 1 and is absent where the source has no lines or the line is not known. */
export interface SourceLocation {
  /** For people: `appsettings.json:12`, `environment variable Sora__Web__Port`, `host options`. */
  readonly source: string;
  /** The absolute path, when the source is a file. */
  readonly file?: string;
  readonly line?: number;
}

/** One thing that is wrong with a configuration. Values in it are redacted. */
export interface ConfigurationProblem extends SourceLocation {
  /** The key, parts joined by ":"; empty where the whole source is meant. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
  /** The known name that is closest to the one written, where one is close. */
  readonly nearest?: string;
  readonly fix: string;
}

/** Something that does not stop a host but is probably not what its writer meant. */
export interface ConfigurationWarning extends SourceLocation {
  readonly path: string;
  readonly nearest?: string;
  readonly message: string;
}

/** What a check of a configuration found. */
export interface ConfigurationFindings {
  readonly problems: readonly ConfigurationProblem[];
  readonly warnings: readonly ConfigurationWarning[];
}

/** One problem in one line: key, source, what was expected, what was found, what to do. */
export function describeProblem({ path, source, expected, got, fix }: ConfigurationProblem): string {
  return `${path === "" ? source : `${path} (${source})`}: expected ${expected}, got ${got}. ${fix}`;
}

const listed = 50;

/**
 * All of `problems` as one error; `outcome` says what could not be done, `fix` what to do, if not the code's own sentence.
 * The message lists the first 50, `details.problems` has all.
 */
export function configurationError(problems: readonly ConfigurationProblem[], outcome = "Cannot use this configuration", fix?: string): SoraError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.slice(0, listed).map((problem, index) => `  ${index + 1}. ${describeProblem(problem)}`);
  if (problems.length > listed) lines.push(`  … and ${problems.length - listed} more`);
  const details = { problems };
  return new SoraError("SORA_CONFIGURATION_INVALID", `${outcome}: ${count}.\n${lines.join("\n")}`, fix === undefined ? { details } : { details, fix });
}
