import { execFileSync, fork, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { path, token } from "./children/http-server.ts";
import { median } from "./median.ts";
import type { BenchCase, Target } from "./bench-case.ts";
import type { LoadReport } from "./children/http-load.ts";
import type { HttpServerMessage } from "./children/http-server.ts";

const connections = 50;
const seconds = 1;
const rounds = 21;
const names = ["node:http", "hono", "fastify, schemas", "moleculer-web", "moleculer-web, log off", "Sora", "Sora, token and audit lines"];

/** What one server did in one round. */
interface Sample {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of processor time a request took the server. */
  readonly cpu: number;
}

class Server {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #port: number;
  readonly samples: Sample[] = [];

  constructor(name: string, child: ChildProcess, port: number) {
    this.name = name;
    this.#child = child;
    this.#port = port;
  }

  /** Presses with as many connections as there are for some seconds. */
  async press(load: Load, warm: boolean): Promise<void> {
    const before = await this.#cpu();
    const { requests, refused, perSecond, p50, p99 } = load(this.#port);
    if (refused > 0) throw new Error(`${this.name} refused ${refused} of ${requests} requests.`);
    if (warm) this.samples.push({ perSecond, p50, p99, cpu: ((await this.#cpu()) - before) / requests });
  }

  end(): void {
    this.#child.disconnect();
  }

  async #cpu(): Promise<number> {
    const [message] = (await (this.#child.send("cpu"), once(this.#child, "message"))) as [HttpServerMessage];
    return "cpu" in message ? message.cpu : Number.NaN;
  }
}

/** Presses the server at a port. */
type Load = (port: number) => LoadReport;

/** By wrk, which takes next to nothing of the machine, where it is installed; else by a program of ours. */
function loadBy(folder: string): Load {
  if (spawnSync("wrk", ["-v"]).error !== undefined) return loadByNode;
  const script = join(folder, "post.lua");
  writeFileSync(
    script,
    `wrk.method = "POST"\nwrk.body = '{"a":5,"b":7}'\nwrk.headers["Content-Type"] = "application/json"\nwrk.headers["Authorization"] = "Bearer ${token}"\n`,
  );
  return port => {
    const said = execFileSync("wrk", ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency", "-s", script, `http://127.0.0.1:${port}${path}`], {
      encoding: "utf8",
    });
    const number = (pattern: RegExp): number => Number(pattern.exec(said)?.[1] ?? 0);
    return {
      requests: number(/(\d+) requests in/),
      refused: number(/Non-2xx or 3xx responses: (\d+)/),
      perSecond: number(/Requests\/sec:\s+([\d.]+)/),
      p50: milliseconds(said, 50),
      p99: milliseconds(said, 99),
    };
  };
}

function loadByNode(port: number): LoadReport {
  const program = join(import.meta.dirname, "children", "http-load.ts");
  return JSON.parse(execFileSync(process.execPath, [program, String(port), String(connections), String(seconds), token], { encoding: "utf8" })) as LoadReport;
}

function milliseconds(said: string, percent: number): number {
  const [, value, unit] = new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`).exec(said) ?? [];
  return Number(value) * ({ us: 0.001, ms: 1, s: 1_000 }[unit ?? ""] ?? Number.NaN);
}

async function start(name: string): Promise<Server> {
  const child = fork(join(import.meta.dirname, "children", "http-server.ts"), [name], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [message] = (await Promise.race([once(child, "message"), once(child, "exit").then(() => Promise.reject(new Error(`${name} did not start.`)))])) as [
    HttpServerMessage,
  ];
  return new Server(name, child, "port" in message ? message.port : 0);
}

/** How our figure compares with another's, by the median of the rounds' ratios, so that a busy moment, which both had, falls out. */
function ratio(ours: Server, theirs: Server, of: (sample: Sample) => number): number {
  return median(ours.samples.map((sample, round) => of(sample) / of(theirs.samples[round] as Sample)));
}

const bench: BenchCase = {
  name: "http",
  features:
    `POST …/actions/{action} with a small JSON body, ${connections} connections, the load from the same machine. Ours: routing, Host, Origin and token guards, body limits, zod, call context with correlation ` +
    "id and ambient flow, abort on disconnect, security headers, counters; logger off, and once more with a token and an audit line written for every call. node:http: one comparison of the URL, JSON.parse, " +
    "nothing else. hono: one route. fastify: one route, ajv and fast-json-stringify. moleculer-web: one alias, its validator; as it comes, which writes two lines for every call, and with its log off.",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "sora-bench-http-"));
    const servers: Server[] = [];
    try {
      const load = loadBy(folder);
      for (const name of names) servers.push(await start(name));
      for (let round = -1; round < rounds; round++) for (const server of servers) await server.press(load, round >= 0);
    } finally {
      for (const server of servers) server.end();
      rmSync(folder, { recursive: true });
    }
    const by = (name: string): Server => servers.find(server => server.name === name) as Server;
    const speed = ({ perSecond }: Sample): number => perSecond;
    const sora = by("Sora");
    const targets: Target[] = [
      { what: "requests a second ÷ node:http", measured: ratio(sora, by("node:http"), speed), atLeast: 0.7 },
      { what: "p99 ÷ hono's", measured: ratio(sora, by("hono"), ({ p99 }) => p99), atMost: 1.5 },
      { what: "requests a second ÷ moleculer-web as it comes", measured: ratio(sora, by("moleculer-web"), speed), atLeast: 2 },
    ];
    const alike = [
      ["both without a line, ÷ moleculer-web", ratio(sora, by("moleculer-web, log off"), speed)],
      ["both with lines for every call, ÷ moleculer-web", ratio(by("Sora, token and audit lines"), by("moleculer-web"), speed)],
    ] as const;
    const figures = servers.map(({ name, samples }): [string, string] => {
      const middle = (of: (sample: Sample) => number, digits: number): string => median(samples.map(of)).toFixed(digits);
      return [
        name,
        `${middle(speed, 0).padStart(7)}/s  p50 ${middle(({ p50 }) => p50, 2)} ms  p99 ${middle(({ p99 }) => p99, 2)} ms  processor ${middle(({ cpu }) => cpu, 1)} µs a request`,
      ];
    });
    return { figures: [...figures, ...alike.map(([what, measured]): [string, string] => [what, measured.toFixed(2)])], targets };
  },
};

export default bench;
