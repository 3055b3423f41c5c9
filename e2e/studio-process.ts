import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** The studio as a process of its own, as `npm start` runs it. */
export class StudioProcess implements AsyncDisposable {
  readonly #child;
  readonly #closed: Promise<[number | null, NodeJS.Signals | null]>;
  /** Everything on standard output so far. */
  output = "";
  /** Everything on standard error so far. */
  errors = "";

  constructor(inbox: string, out: string, variables: NodeJS.ProcessEnv = {}) {
    const { NODE_ENV: _, ...inherited } = process.env; // Vitest sets it to "test", where services do not run by default
    this.#child = spawn(process.execPath, ["--import", "@sora/core/register", "samples/studio/main.ts"], {
      cwd: root,
      env: { ...inherited, Studio__Inbox: inbox, Studio__Out: out, PORT: "0", ...variables },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#closed = once(this.#child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => (this.output += text));
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => (this.errors += text));
  }

  /** Resolves when `text` is on standard output; rejects where the process ends without it, or has said nothing at all for half a minute. */
  async says(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      const quiet = AbortSignal.timeout(30_000);
      const what = await Promise.race([
        once(this.#child.stdout, "data", { signal: quiet }).then(
          () => "spoke",
          () => "was quiet",
        ),
        this.#closed.then(() => "ended"),
      ]);
      if (what !== "spoke" && !this.output.includes(text))
        throw new Error(`The studio ${what} without saying "${text}". It said:\n${this.output}${this.errors}`);
    }
  }

  /** Where its server listens, once it does. */
  async url(): Promise<string> {
    await this.says("The status page is at ");
    return /The status page is at (http:\/\/127\.0\.0\.1:\d+)\//.exec(this.output)?.[1] ?? "";
  }

  /** Presses Ctrl-C, and resolves with the exit code. The signal comes twice, as under npm, which passes on what the terminal has told everybody. */
  async interrupt(): Promise<number | null> {
    this.#child.kill("SIGINT");
    await this.says("Stopping: SIGINT");
    this.#child.kill("SIGINT");
    return (await this.#closed)[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#closed;
  }
}
