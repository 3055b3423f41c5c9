import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";

/** A command that a document has its reader type, and what the document says is then shown. */
export interface ConsoleStep {
  /** The line of the document it stands on. */
  readonly line: number;
  readonly command: string;
  readonly shown: readonly string[];
}

/**
 * The steps of the blocks of `markdown` that open with three backquotes and `console`, in order: `$ ` begins a command, `> ` goes on with it, and all else is what it shows.
 */
export function consoleSteps(markdown: string): readonly ConsoleStep[] {
  const steps: { line: number; command: string; shown: string[] }[] = [];
  let inside = false;
  for (const [at, content] of markdown.split("\n").entries()) {
    if (content.startsWith("```")) inside = !inside && content.trimEnd() === "```console";
    else if (!inside) continue;
    else if (content.startsWith("$ ")) steps.push({ line: at + 1, command: content.slice(2), shown: [] });
    else if (content.startsWith("> ") && steps.at(-1)?.shown.length === 0) steps.at(-1)!.command += `\n${content.slice(2)}`;
    else steps.at(-1)?.shown.push(content);
  }
  return steps.map(step => ({ ...step, shown: trimmed(step.shown) }));
}

function trimmed(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex(line => line.trim() !== "");
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex(line => line.trim() !== "") + 1);
}

/**
 * Whether `actual` is what a document shows. `…` stands for anything within a line, a line of nothing else for any lines. Times, ages, ids of calls and nodes differ from run to run and count as
 * equal; so does the width of the columns they are in.
 */
export function showsLike(shown: readonly string[], actual: readonly string[]): boolean {
  const [first, ...rest] = shown;
  if (first === undefined) return actual.length === 0;
  if (first.trim() === "…") return Array.from({ length: actual.length + 1 }, (_, skipped) => skipped).some(skipped => showsLike(rest, actual.slice(skipped)));
  return actual[0] !== undefined && lineLike(first, actual[0]) && showsLike(rest, actual.slice(1));
}

function lineLike(shown: string, actual: string): boolean {
  const pattern = levelled(shown)
    .split("…")
    .map(part => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(levelled(actual));
}

const varying: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d\d-\d\dT[\d:.]+Z\b/g, "<moment>"],
  [/\b\d\d:\d\d:\d\d\.\d{3}\b/g, "<time>"],
  [/\bnow\b|(?:\bin )?\b\d+(?:\.\d+)? ?(?:ms|s|m|h|d)\b(?: ago)?/g, "<age>"],
  [/\b[\w.-]+-\d{2,}\b/g, "<node>"],
  [/(?<=correlationId[=:"]+)\w+/g, "<id>"],
  [/ +/g, " "],
];

function levelled(line: string): string {
  return varying.reduce((level, [pattern, name]) => level.replace(pattern, name), line).trim();
}

const mark = "<session-mark>";

/** Milliseconds until what a command should show is given up. */
const patience = 30_000;

/**
 * A document gives things the time that a reader's machine needs, which a busy one has not enough of. What it follows for some seconds with `timeout` is followed until the session has seen what is to be
 * shown, and closes descriptor 3. What it sleeps for so that something else can begin takes six times as long.
 */
const unhurried = `timeout() { local signal=\${1#--signal=}; shift 2; "$@" & read -r <&3; kill -s "$signal" $!; wait $!; }
sleep() { command sleep "$1" "$1" "$1" "$1" "$1" "$1"; }
`;

/** A shell in which the steps of a document are typed, one after the other; what ends with ` &` runs on beside them until `kill %1`. */
export class ConsoleSession implements AsyncDisposable {
  readonly #env: NodeJS.ProcessEnv;
  readonly #rewrite: (output: string) => string;
  #cwd: string;
  #status = 0;
  #background: { readonly child: ChildProcess; output: string; told: number } | undefined = undefined;

  /** `rewrite` has the output say what the document says, such as a port that is fixed there. */
  constructor(cwd: string, env: NodeJS.ProcessEnv, rewrite: (output: string) => string) {
    this.#cwd = cwd;
    this.#env = env;
    this.#rewrite = rewrite;
  }

  /**
   * Types a command, waits for what it shows, and returns what it has shown; the caller compares. Where a document has its reader wait a second before he looks, with `; sleep 1;`, it is looked again and
   * again until that is shown.
   */
  async type({ command, shown }: ConsoleStep): Promise<readonly string[]> {
    if (command.endsWith(" &")) {
      await this.#start(command.slice(0, -2));
      return this.#hear([], shown);
    }
    if (command === "kill %1") {
      await this.#stop();
      return this.#hear([], shown);
    }
    const [, first = ":", looked = command] = /^(.*?); sleep \d+; (.*)$/s.exec(command) ?? [];
    const script = `${unhurried}cd '${this.#cwd}'; { ${first}\n} 2>&1; (exit ${this.#status})
while { ${looked}\n} 2>&1; printf '${mark}%s %s${mark}' "$?" "$PWD"; read -r <&3; do :; done`;
    const child = spawn("bash", ["-c", script], { env: this.#env, stdio: ["ignore", "pipe", "inherit", "pipe"] });
    const again = child.stdio[3] as Writable;
    const enough = setTimeout(() => again.end(), patience);
    let own: readonly string[] = [];
    let output = "";
    for await (const part of (child.stdout as Readable).setEncoding("utf8")) {
      output += part as string;
      const [said = "", after, done] = output.split(mark);
      own = this.#lines(said);
      if (looked === command ? done !== undefined || showsLike(shown, own) : done !== undefined && showsLike(shown, own)) again.end();
      if (done === undefined) continue;
      const [, status, folder] = /^(\d+) (.*)$/.exec(after ?? "") ?? [];
      this.#status = Number(status);
      this.#cwd = folder ?? this.#cwd;
      output = "";
      if (again.writable) again.write("\n");
    }
    clearTimeout(enough);
    return this.#hear(own, shown);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }

  /** What a command has shown, then what runs beside it has said since, where the document shows that too. */
  async #hear(own: readonly string[], shown: readonly string[]): Promise<readonly string[]> {
    const background = this.#background;
    if (background === undefined || showsLike(shown, own)) return own;
    for (let waited = 0; ; waited += 50) {
      const said = [...own, ...this.#lines(background.output.slice(background.told))];
      const found = Array.from({ length: said.length + 1 - own.length }, (_, more) => said.slice(0, own.length + more)).find(lines => showsLike(shown, lines));
      if (found !== undefined || waited >= patience) {
        background.told = background.output.length;
        return found ?? said;
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }

  #lines(output: string): readonly string[] {
    return trimmed(this.#rewrite(stripVTControlCharacters(output)).split("\n"));
  }

  async #start(command: string): Promise<void> {
    await this.#stop();
    const child = spawn("bash", ["-c", `cd '${this.#cwd}'; ${command}`], { env: this.#env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const background = { child, output: "", told: 0 };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (more: string) => (background.output += more));
    this.#background = background;
  }

  /** Asks the whole group to end, as a shell does, and waits until it has. */
  async #stop(): Promise<void> {
    const child = this.#background?.child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    process.kill(-child.pid, "SIGTERM");
    await closed;
  }
}
