import { checkedSignal } from "../fluent/checked-steps.ts";
import { notAllowed } from "../options/not-allowed.ts";

/** What ends a wait for a result early. @throws SoraError `SORA_OPTION_INVALID`. */
export function waitSignal(options: { readonly signal?: AbortSignal | undefined }): AbortSignal | undefined {
  if (typeof options !== "object" || (options as object | null) === null)
    throw notAllowed("Cannot wait for the result", options, "its options are an object, such as { signal }");
  return options.signal === undefined ? undefined : checkedSignal(options.signal);
}
