import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Readable } from "node:stream";
import { runSora } from "@sora/cli";
import { createVirtualClock } from "@sora/core/testing";

const root = join(import.meta.dirname, "..");
const bin = join(root, "packages/cli/bin/sora.js");

export interface SoraProcessOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sent to standard input, which then ends. */
  readonly input?: string;
}

export interface Ended {
  /** The exit status, or the signal it ended by. */
  readonly status: number | NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** `sora <args>` as a process of its own. */
export class SoraProcess implements AsyncDisposable {
  readonly #child;
  readonly #closed: Promise<[number | null, NodeJS.Signals | null]>;
  out = "";
  err = "";

  constructor(args: readonly string[], { cwd = root, env = {}, input = "" }: SoraProcessOptions = {}) {
    this.#child = spawn(process.execPath, [bin, ...args], { cwd, env: { ...outside(), ...env }, stdio: ["pipe", "pipe", "pipe"] });
    this.#closed = once(this.#child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
    this.#child.stdin.on("error", () => {}).end(input);
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => (this.out += text));
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => (this.err += text));
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.setMaxListeners(50);
  }

  /** Resolves with what `pattern` finds in the output, `times` times over; rejects where the process ends without it. */
  says(pattern: RegExp, times = 1): Promise<RegExpMatchArray> {
    const all = new RegExp(pattern, "g");
    const find = (): RegExpMatchArray | undefined => [...`${this.out}\n${this.err}`.matchAll(all)][times - 1];
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find();
        if (found !== undefined) resolve(found);
      };
      look();
      for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on("data", look);
      this.#closed.then(() => (look(), reject(new Error(`sora ended without saying ${pattern}. It said:\n${this.out}${this.err}`))), reject);
    });
  }

  /** Where its control plane is, once it listens. */
  async url(times = 1): Promise<string> {
    return (await this.says(/listens at (http:\/\/127\.0\.0\.1:\d+)/, times))[1]!;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves when it has ended. */
  async ended(): Promise<Ended> {
    const [code, signal] = await this.#closed;
    return { status: code ?? signal, out: this.out, err: this.err };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#closed;
  }
}

/** Runs `sora <args>` as a process to its end. */
export async function soraProcess(args: readonly string[], options: SoraProcessOptions = {}): Promise<Ended> {
  return new SoraProcess(args, options).ended();
}

/** Runs `sora <args>` in this process, which takes a tenth of the time: for commands that only ask a host, or only write files. */
export async function sora(args: readonly string[], { cwd = root, env = {}, input = "" }: SoraProcessOptions = {}): Promise<Ended> {
  let out = "";
  let err = "";
  const status = await runSora(args, {
    stdin: Readable.from(input === "" ? [] : [input]),
    stdout: { write: text => void (out += text) },
    stderr: { write: text => void (err += text) },
    env,
    cwd,
    clock: createVirtualClock({ start: Date.now() }),
    interrupted: () => new AbortController().signal,
    launch: () => Promise.reject(new Error("use soraProcess")),
  });
  return { status, out, err };
}

/** The variables of a person's shell: without what a test runner sets. */
export function outside(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:NODE_|VITEST|TEST$|FORCE_COLOR|NO_COLOR|SORA_|PORT$|npm_)/.test(name)));
}
