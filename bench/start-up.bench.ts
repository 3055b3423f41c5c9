import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installPacked, runNode } from "./install-packed.ts";
import { median } from "./median.ts";
import type { BenchCase } from "./bench-case.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 21);

/** Programs of so many services with one method each, written as a user would; each calls the first one. */
const programs: Readonly<Record<string, (services: number) => string>> = {
  "bare node": services => `
    ${each(services, i => `class S${i} { async run(p) { return p.a + ${i}; } }`)}
    const services = new Map([${each(services, i => `["s${i}.run", new S${i}()],`)}]);
    await services.get("s0.run").run({ a: 1 });`,
  "Moleculer, no validator": services => `
    import moleculer from "moleculer";
    const broker = new moleculer.ServiceBroker({ logger: false, validator: false });
    ${each(services, i => `broker.createService({ name: "s${i}", actions: { run: { handler(ctx) { return ctx.params.a + ${i}; } } } });`)}
    await broker.start();
    await broker.call("s0.run", { a: 1 });`,
  "Sora, logger: false": services => sora(services, ", logger: false"),
  "Sora, default logger": services => sora(services, ""),
};

function sora(services: number, options: string): string {
  return `
    import { defineService, SoraHost, SoraServices, type } from "@sora/core";
    ${each(services, i => `const s${i} = defineService("s${i}", { actions: { run: { parameters: type(), run: async p => p.a + ${i} } } });`)}
    await SoraHost.start({ services: [${each(services, i => `s${i},`)}]${options} });
    await SoraServices.of(s0).do("run", { a: 1 }).execute();`;
}

function each(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => line(i)).join("\n");
}

const report = "console.log(JSON.stringify({ readyMs: performance.now(), rssMB: process.memoryUsage.rss() / 2 ** 20 }));\nprocess.exit(0);\n";

interface Start {
  /** From the spawning of the process to its end. */
  readonly wallMs: number;
  /** From the process's own beginning to the first answer. */
  readonly readyMs: number;
  readonly rssMB: number;
}

const bench: BenchCase = {
  name: "start-up",
  features:
    "The packed package, process start to first call answered. Ours: configuration read (no file, no variable of ours), definitions checked, health, scheduler and event loop watch running, one service of the framework's own beside those counted. " +
    "The log is off as it is for the peers; the line with the default logger pays for what it writes, which in a good start is nothing.",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "sora-start-up-"));
    try {
      installPacked(folder, ["core"], ["moleculer"]);
      for (const services of [1, 1_000])
        for (const [name, program] of Object.entries(programs)) writeFileSync(join(folder, fileOf(name, services)), `${program(services)}\n${report}`);
      const one = race(folder, 1);
      const thousand = race(folder, 1_000);
      const ours = "Sora, logger: false";
      return {
        figures: [one, thousand].flatMap((starts, index) =>
          Object.entries(starts).map(([name, all]) => {
            const of = (part: keyof Start): string =>
              median(all.map(start => start[part]))
                .toFixed(0)
                .padStart(4);
            return [
              `${name}, ${index === 0 ? "one service" : "1,000 services"}`,
              `${of("wallMs")} ms in all  ${of("readyMs")} ms to the first answer  ${of("rssMB")} MB`,
            ] as const;
          }),
        ),
        targets: [
          { what: "one service, time ÷ bare node", measured: ratio(one, ours, "wallMs"), atMost: 2.2 },
          { what: "1,000 services, time ÷ bare node", measured: ratio(thousand, ours, "wallMs"), atMost: 3 },
          { what: "1,000 services, memory ÷ bare node", measured: ratio(thousand, ours, "rssMB"), atMost: 1.5 },
        ],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Starts every program in turns; the first round does not count. */
function race(folder: string, services: number): Readonly<Record<string, Start[]>> {
  const starts: Record<string, Start[]> = Object.fromEntries(Object.keys(programs).map(name => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, all] of Object.entries(starts)) {
      const began = performance.now();
      const said = runNode([join(folder, fileOf(name, services))], folder);
      const start = { wallMs: performance.now() - began, ...(JSON.parse(said.trim().split("\n").at(-1) as string) as Omit<Start, "wallMs">) };
      if (round >= 0) all.push(start);
    }
  }
  return starts;
}

/** The median of the ratios within each round, so that a busy moment, which both had, falls out. */
function ratio(starts: Readonly<Record<string, Start[]>>, name: string, part: keyof Start): number {
  const bare = starts["bare node"] as Start[];
  return median((starts[name] as Start[]).map((start, round) => start[part] / (bare[round] as Start)[part]));
}

function fileOf(name: string, services: number): string {
  return `${name.replaceAll(/\W+/g, "-")}-${services}.mjs`;
}

export default bench;
