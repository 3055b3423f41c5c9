import { withInstance } from "./work-instance.ts";
import type { ExecutionContext } from "../actions/execution-context.ts";
import type { ServiceRuntime } from "./service-runtime.ts";

/** The work of one run of a periodic service: straight to its function where nothing stands in between. What that returns need not be a promise. */
export function performRun(context: ExecutionContext, service: ServiceRuntime, poked: boolean): unknown {
  const { behaviour, options } = service.definition;
  const run = (poked ? behaviour.triggerNow : undefined) ?? behaviour.execute;
  if (run === undefined) return undefined;
  const { interceptRun } = service.host;
  if (interceptRun === undefined && (options.lifetime ?? "singleton") === "singleton") return run(context, service.instance);
  const work = (): Promise<unknown> => withInstance(service, context, instance => run(context, instance));
  if (interceptRun === undefined) return work();
  return interceptRun({ service: service.name, run: context.run, scheduledAt: context.scheduledAt, signal: context.signal }, work);
}
