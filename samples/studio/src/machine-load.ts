import { cpus, freemem, totalmem } from "node:os";

export interface MachineLoadReading {
  /** How busy the processors were since the reading before, or since they were switched on, in percent of all of them together. */
  readonly cpuPercent: number;
  /** How much of the memory is taken, in percent. */
  readonly memoryPercent: number;
}

/** Milliseconds of all processors together. */
interface CpuTimes {
  readonly busy: number;
  readonly total: number;
}

/** Tells how busy this machine is. */
export class MachineLoad {
  #before: CpuTimes = { busy: 0, total: 0 };

  read(): MachineLoadReading {
    const now = cpuTimes();
    const cpuPercent = cpuPercentBetween(this.#before, now);
    this.#before = now;
    return { cpuPercent, memoryPercent: Math.round(100 * (1 - freemem() / totalmem())) };
  }
}

export function cpuPercentBetween(before: CpuTimes, now: CpuTimes): number {
  const total = now.total - before.total;
  return total <= 0 ? 0 : Math.round((100 * (now.busy - before.busy)) / total);
}

function cpuTimes(): CpuTimes {
  const processors = cpus();
  const sum = (each: (times: ReturnType<typeof cpus>[number]["times"]) => number): number => processors.reduce((all, { times }) => all + each(times), 0);
  return { busy: sum(({ user, nice, sys, irq }) => user + nice + sys + irq), total: sum(({ user, nice, sys, irq, idle }) => user + nice + sys + irq + idle) };
}
