import { checkOptions } from "./option-check.ts";
import { optionError } from "./option-error.ts";
import { readOptions } from "./read-options.ts";
import type { OptionChecks } from "./option-check.ts";

/** A copy of the options that somebody gave `owner`. @throws SoraError `SORA_OPTION_INVALID` with everything that is wrong with them; `outcome` says what could not be done. */
export function readChecked<O extends object>(given: O, checks: OptionChecks<O>, owner: string, outcome: string): O {
  const problems: string[] = [];
  const options = readOptions(given, problem => problems.push(problem)) as O;
  checkOptions(options, checks, { owner }, problem => problems.push(problem));
  if (problems.length > 0) throw optionError(outcome, problems);
  return options;
}
