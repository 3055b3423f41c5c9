import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** How a process ended. */
export interface ProcessEnd {
  /** The exit code; `null` where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds from the last {@link HostProcess.kill}, or from its start where it was sent no signal. */
  readonly took: number;
}

/** A program of `fixtures/` as a process of its own, on plain node. */
export class HostProcess implements AsyncDisposable {
  readonly #child;
  readonly #ended: Promise<ProcessEnd>;
  #since = performance.now();
  /** Everything on standard output so far. */
  output = "";
  /** Everything on standard error so far. */
  errors = "";

  constructor(program: string, ...args: string[]) {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(NODE_(?!COMPILE_CACHE)|VITEST|TEST$|FORCE_COLOR|SORA_)/.test(name)));
    this.#child = spawn(process.execPath, [join(import.meta.dirname, "fixtures", `${program}.ts`), ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => (this.output += text));
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => (this.errors += text));
    let at = 0;
    this.#child.once("exit", () => (at = performance.now()));
    this.#ended = once(this.#child, "close").then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      took: at - this.#since,
    }));
  }

  /** Resolves with the first thing the program says under `name`; rejects where it ends without it. */
  async says(name: string): Promise<unknown> {
    await this.#until(() => this.said(name).length > 0, `saying "${name}"`);
    return this.said(name)[0];
  }

  /** Resolves when `text` is in the log; rejects where the process ends without it. */
  async logs(text: RegExp): Promise<void> {
    await this.#until(() => text.test(this.output), `logging ${String(text)}`);
  }

  /** Every value that the program has said under `name` so far; see `fixtures/say.ts`. */
  said(name: string): unknown[] {
    return [...this.output.matchAll(/^> (\S+) (.*)\n/gm)].filter(line => line[1] === name).map(line => JSON.parse(line[2] as string) as unknown);
  }

  /** Every name that was said, in order. */
  get names(): string[] {
    return [...this.output.matchAll(/^> (\S+) /gm)].map(line => line[1] as string);
  }

  /** Lines of the log, which the host writes as JSON. */
  get log(): { readonly level: string; readonly msg: string; readonly [field: string]: unknown }[] {
    return [...this.output.matchAll(/^\{.*\}$/gm)].map(([line]) => JSON.parse(line) as { level: string; msg: string });
  }

  get everything(): string {
    return `${this.output}${this.errors}`;
  }

  kill(signal: NodeJS.Signals): void {
    this.#since = performance.now();
    this.#child.kill(signal);
  }

  get ended(): Promise<ProcessEnd> {
    return this.#ended;
  }

  async #until(happened: () => boolean, what: string): Promise<void> {
    while (!happened()) {
      const ended = await Promise.race([once(this.#child.stdout, "data").then(() => false), this.#ended.then(() => true)]);
      if (ended && !happened()) throw new Error(`The program ended without ${what}.\n${this.everything}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
