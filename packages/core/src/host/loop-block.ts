import type { LoopBlock } from "../health/loop-monitor.ts";
import type { HostKernel } from "./host-kernel.ts";

const mostNamed = 10;

/** Warns that the event loop was blocked, and names what was under way: one of them has likely done it. */
export function tellOfLoopBlock({ registry, logger }: HostKernel, { lag, at }: LoopBlock): void {
  const began = at - lag;
  const working: string[] = [];
  for (const service of registry) {
    for (const call of service.calls) working.push(`${service.name}.${call.action}`);
    if (service.work !== undefined && service.work.running > 0) working.push(service.name);
    // What held the loop has often ended by the time a timer can tell.
    else if (service.lastActivity >= began) working.push(service.name);
    if (working.length >= mostNamed) break;
  }
  const names = [...new Set(working)].slice(0, mostNamed);
  const during = names.length === 0 ? "" : `; under way: ${names.join(", ")}`;
  logger.warn(`The event loop was blocked for ${Math.round(lag)} ms${during}`, { lag: Math.round(lag), working: names });
}
