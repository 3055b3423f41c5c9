import { SoraError } from "../errors/sora-error.ts";

/** Problems that a message lists; `details.problems` has all. */
const listed = 50;

/** Everything that is wrong with the options somebody gave, as one error; `outcome` says what could not be done, as in "Cannot make the host". */
export function optionError(outcome: string, problems: readonly string[]): SoraError {
  const lines = problems.slice(0, listed).map(problem => `  - ${problem}`);
  if (problems.length > listed) lines.push(`  … and ${problems.length - listed} more`);
  const count = problems.length === 1 ? "one of its options is" : `${problems.length} of its options are`;
  return new SoraError("SORA_OPTION_INVALID", `${outcome}: ${count} wrong.\n${lines.join("\n")}`, { details: { problems } });
}
