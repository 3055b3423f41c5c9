import type { ServiceContext } from "../actions/service-context.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { HostKernel } from "./host-kernel.ts";

/** The kernel behind a context, for the framework's own services. */
export function hostOf(context: ServiceContext): HostKernel {
  return (context as WorkContext).host;
}
