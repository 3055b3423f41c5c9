import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { median } from "./median.ts";
import type { BenchCase } from "./bench-case.ts";
import type { PeriodicReport } from "./children/periodic.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 3);
const seconds = Number(process.env["BENCH_SECONDS"] ?? 20);

const heap = "one binary heap, one timer";
const sora = "Sora";

const bench: BenchCase = {
  name: "periodic services",
  features:
    "Ours: services with `every`, in a started host: each with its own state, run counts, overlap guard, missed-tick policy, last activity, and a context of its own for each run (run number, scheduled time, signal, " +
    "correlation id) that flows through the async code. The heap: a time, a period and a function each. Both in a process of their own.",
  run() {
    const busy = race(10_000, 1, seconds);
    const idle = race(100_000, 3_600, seconds * 1.75);
    return Promise.resolve({
      figures: [...figures("10,000 each second", busy), ...figures("100,000 hourly", idle)],
      targets: [
        {
          what: "10,000 each second, CPU ÷ the heap's",
          measured: median(busy[sora].map((ours, round) => ours.cpuPercent / (busy[heap][round] as PeriodicReport).cpuPercent)),
          atMost: 5,
        },
        { what: "10,000 each second, p99 lateness", measured: of(busy[sora], "p99LateMs"), atMost: 15, unit: " ms" },
        { what: "10,000 each second, drift", measured: of(busy[sora], "driftMs"), atMost: 2, unit: " ms" },
        { what: "10,000 each second, runs each second", measured: of(busy[sora], "runsPerSecond") / 10_000, atLeast: 0.99, unit: " × 10,000" },
        { what: "100,000 hourly, defined and started", measured: of(idle[sora], "setUpMs"), atMost: 500, unit: " ms" },
        { what: "100,000 hourly, heap", measured: of(idle[sora], "heapMB"), atMost: 60, unit: " MB" },
        { what: "100,000 hourly, CPU while idle", measured: of(idle[sora], "cpuPercent"), atMost: 0.1, unit: " % of a core" },
      ],
    });
  },
};

type Reports = Readonly<Record<typeof heap | typeof sora, PeriodicReport[]>>;

/** Both contestants in turns, a child process each. */
function race(services: number, period: number, watched: number): Reports {
  const reports: Reports = { [heap]: [], [sora]: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [name, argument] of [
      [heap, "heap"],
      [sora, "sora"],
    ] as const) {
      const child = join(import.meta.dirname, "children", "periodic.ts");
      const { status, stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", child, argument, String(services), String(period), String(watched)], {
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr.slice(0, 2_000)}`);
      reports[name].push(JSON.parse(stdout.trim().split("\n").at(-1) as string) as PeriodicReport);
    }
  }
  return reports;
}

function of(reports: readonly PeriodicReport[], part: keyof PeriodicReport): number {
  return median(reports.map(report => report[part]));
}

function figures(load: string, reports: Reports): (readonly [string, string])[] {
  return Object.entries(reports).map(([name, all]) => {
    const shown = (part: keyof PeriodicReport, digits: number): string => of(all, part).toFixed(digits);
    const runs = `, ${shown("runsPerSecond", 0)} runs/s, late p50 ${shown("p50LateMs", 0)} ms p99 ${shown("p99LateMs", 0)} ms`;
    return [
      `${load}: ${name}`,
      `set up in ${shown("setUpMs", 0)} ms, ${shown("heapMB", 1)} MB of heap, ${shown("cpuPercent", 3)} % of a core${of(all, "runsPerSecond") > 0 ? runs : ""}`,
    ] as const;
  });
}

export default bench;
