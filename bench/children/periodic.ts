/**
 * `node --expose-gc periodic.ts <sora | heap> <services> <period in seconds> <seconds to watch>`: sets so many periodic no-ops up, watches them, and prints what it took
 * as one line of JSON. A process of its own for each contestant, so that neither pays for the other's memory.
 */
import { DueHeap } from "./due-heap.ts";

/** What was measured; see the names. */
export interface PeriodicReport {
  readonly setUpMs: number;
  readonly heapMB: number;
  /** Of one core, after set-up. */
  readonly cpuPercent: number;
  readonly runsPerSecond: number;
  readonly p50LateMs: number;
  readonly p99LateMs: number;
  /** How far the plan of any one of them has moved, in milliseconds, from whole periods after its first run. */
  readonly driftMs: number;
}

type Run = (service: number, dueAt: number) => void;

/** All due at one instant, as services that are started together are. */
async function setUpHeap(services: number, period: number, run: Run): Promise<void> {
  const heap = new DueHeap();
  const first = Date.now() + period;
  for (let i = 0; i < services; i++) heap.add(first, period, dueAt => run(i, dueAt));
  setTimeout(heap.tick, period);
}

async function setUpSora(services: number, period: number, run: Run): Promise<void> {
  const { defineService, SoraHost } = sora;
  const every = period;
  const definitions = Array.from({ length: services }, (_, i) => defineService(`S${i}`, { every, execute: context => run(i, context.scheduledAt as number) }));
  await SoraHost.start({ services: definitions, logger: false });
}

const [contestant, services, seconds, watched] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4]), Number(process.argv[5])] as const;
const collect = globalThis.gc as () => void;
const sora = await import("@sora/core");
const firstDue = new Float64Array(services);
let worstDrift = 0;
let late = new Float64Array(services * Math.ceil(watched / seconds + 2));
let runs = 0;

collect();
const heapBefore = process.memoryUsage().heapUsed;
const began = performance.now();
await (contestant === "sora" ? setUpSora : setUpHeap)(services, seconds * 1_000, (service, dueAt) => {
  late[runs++] = Date.now() - dueAt;
  if (firstDue[service] === 0) firstDue[service] = dueAt;
  const off = (dueAt - (firstDue[service] as number)) % (seconds * 1_000);
  worstDrift = Math.max(worstDrift, Math.min(off, seconds * 1_000 - off));
});
const setUpMs = performance.now() - began;
await new Promise(resolve => setTimeout(resolve, 3_000));
collect();
const heapMB = (process.memoryUsage().heapUsed - heapBefore) / 2 ** 20;
late = new Float64Array(late.length);
runs = 0;

const cpuBefore = process.cpuUsage();
const watchedFrom = performance.now();
await new Promise(resolve => setTimeout(resolve, watched * 1_000));
const cpu = process.cpuUsage(cpuBefore);
const took = (performance.now() - watchedFrom) / 1_000;
const sorted = late.subarray(0, runs).sort();
const report: PeriodicReport = {
  setUpMs,
  heapMB,
  cpuPercent: (cpu.user + cpu.system) / 1e4 / took,
  runsPerSecond: runs / took,
  p50LateMs: sorted[runs >> 1] ?? 0,
  p99LateMs: sorted[Math.floor(runs * 0.99)] ?? 0,
  driftMs: worstDrift,
};
console.log(JSON.stringify(report));
process.exit(0);
