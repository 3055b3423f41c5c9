import { SoraError } from "../errors/sora-error.ts";
import { describeIssues } from "../definition/schema.ts";
import { newActions } from "./new-action.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { SchemaIssue } from "../definition/schema.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { StoredCallRequest } from "./new-action.ts";
import type { NewAction } from "./store/stored-action.ts";

/** Issues that a message lists; `details.issues` has all. */
const listed = 50;

/**
 * Makes the actions of a batch ready to be stored, each by itself. @throws SoraError `SORA_PARAMETERS_INVALID` with the issues of every item whose parameters do not fit, the item first in each
 * path; else as `enqueue()` says.
 */
export async function batchActions(host: HostKernel, parent: WorkContext | undefined, requests: readonly StoredCallRequest[]): Promise<readonly NewAction[]> {
  const made = await Promise.allSettled(requests.map(request => newActions(host, parent, [request])));
  const unfit: SoraError[] = [];
  const issues: SchemaIssue[] = [];
  for (const [index, outcome] of made.entries()) {
    if (outcome.status === "fulfilled") continue;
    const error: unknown = outcome.reason;
    if (!SoraError.is(error, "SORA_PARAMETERS_INVALID")) throw error;
    unfit.push(error);
    for (const issue of error.details.issues as readonly SchemaIssue[]) issues.push({ ...issue, path: [index, ...issue.path] });
  }
  const [first] = unfit;
  if (first === undefined) return made.flatMap(outcome => (outcome.status === "fulfilled" ? outcome.value : []));
  const { service, action } = first.details as { readonly service: string; readonly action: string };
  const more = issues.length > listed ? `; and ${issues.length - listed} more` : "";
  throw new SoraError(
    "SORA_PARAMETERS_INVALID",
    `Cannot enqueue ${service}.${action}: the parameters of ${unfit.length} of ${requests.length} items do not fit. ${describeIssues(issues.slice(0, listed))}${more}.`,
    { details: { service, action, issues } },
  );
}
