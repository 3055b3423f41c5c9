import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { SoraError } from "../errors/sora-error.ts";
import { createContextScope } from "./context-scope.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { ContextScope } from "./context-scope.ts";
import type { HostKernel } from "./host-kernel.ts";

/** What is shared by all copies of the package in a process: the context of the work under way, and the hosts that have started. */
interface Ambient {
  readonly storage: AsyncLocalStorage<WorkContext>;
  readonly hosts: Set<HostKernel>;
}

const slot = Symbol.for("sora.ambient");

/** This copy's own reference, since a look into `globalThis` at every call would show. */
let known: { readonly ambient: Ambient; readonly runIn: ContextScope } | undefined;

/** The process's one ambient state: the only mutable state that no object owns. */
function ambient(): Ambient {
  return (known ??= find()).ambient;
}

function find(): NonNullable<typeof known> {
  const shared = ((globalThis as Record<symbol, unknown>)[slot] ??= { storage: new AsyncLocalStorage<WorkContext>(), hosts: new Set<HostKernel>() }) as Ambient;
  return { ambient: shared, runIn: createContextScope(shared.storage) };
}

/** The context of the call, run or handler that this code runs in. */
export function currentContext(): WorkContext | undefined {
  return ambient().storage.getStore();
}

/** Lets ambient calls find the host. */
export function announceHost(host: HostKernel): void {
  ambient().hosts.add(host);
}

/** Undoes {@link announceHost}. */
export function retireHost(host: HostKernel): void {
  ambient().hosts.delete(host);
}

/** The host of the surrounding work, else the only started one. @throws SoraError `SORA_HOST_NOT_RUNNING` or `SORA_HOST_AMBIGUOUS`. */
export function ambientHost(context: WorkContext | undefined): HostKernel {
  if (context !== undefined) return context.host;
  const { hosts } = ambient();
  if (hosts.size === 1) return hosts.values().next().value as HostKernel;
  if (hosts.size === 0) throw new SoraError("SORA_HOST_NOT_RUNNING", "Cannot find a host for the call: none is started in this process.");
  const names = [...hosts].map(host => host.name).join(", ");
  throw new SoraError(
    "SORA_HOST_AMBIGUOUS",
    `Cannot choose a host for the call: ${hosts.size} are started in this process (${names}), and the call comes from none of them.`,
  );
}

/** Calls `work(context, a, b)` with `context` as the ambient one, and leaves what other libraries keep in their own storages as it is. */
export function runInContext<A, B, R>(context: WorkContext, work: (context: never, a: A, b: B) => R, a: A, b: B): R {
  return (known ??= find()).runIn(context, work, a, b);
}

/** Keeps what all storages hold right now, for handlers that are called later. */
export function captureFrame(): AsyncResource {
  return new AsyncResource("SORA", { requireManualDestroy: true });
}

/** Calls `work` in a kept frame with `context` as the ambient one, for `work` and all it leads to, however long after. */
export function runInFrame<R>(frame: AsyncResource, context: WorkContext, work: () => R): R {
  return frame.runInAsyncScope(enterAnd as () => R, ambient().storage, context, work);
}

function enterAnd<R>(this: AsyncLocalStorage<WorkContext>, context: WorkContext, work: () => R): R {
  this.enterWith(context);
  return work();
}
