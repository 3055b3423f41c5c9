import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { outside, SoraProcess } from "./sora-process.ts";

const bin = join(import.meta.dirname, "..", "packages/cli/bin/sora.js");
const isInstalled = (program: string, ...args: readonly string[]): boolean => spawnSync(program, args).status === 0;
const hasTerminal = isInstalled("script", "--version");

/** How each shell is started as a person has it, and what the person has put into its file. */
const shells = {
  bash: { command: "bash --norc --noprofile -i", setUp: 'eval "$(sora completion bash)"' },
  zsh: { command: "zsh -f -i", setUp: 'autoload -U compinit; compinit -u -D; eval "$(sora completion zsh)"' },
} as const;

let folder: string;
let host: SoraProcess;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sora-completion-"));
  for (const name of ["bin", "services"]) mkdirSync(join(folder, name));
  writeFileSync(
    join(folder, "services", "greeter.service.ts"),
    'import { defineService } from "@sora/core";\nexport const greeter = defineService("Greeter", { actions: { greet: async () => "hi", sayBye: async () => "bye" } });\n',
  );
  writeFileSync(join(folder, "bin", "sora"), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`);
  chmodSync(join(folder, "bin", "sora"), 0o755);
  host = new SoraProcess(["run", "--port", "0"], { cwd: folder });
  const PATH = [join(folder, "bin"), process.env["PATH"]].join(delimiter);
  env = { ...outside(), PATH, SORA_URL: await host.url(), TERM: "dumb", HOME: folder, PS1: "> " };
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }); // what a shell has started may still be writing there
});

/** A shell in a terminal. */
class Terminal implements Disposable {
  readonly #child;
  #shown = "";

  constructor(command: string) {
    this.#child = spawn("script", ["-qefc", command, "/dev/null"], { cwd: folder, env, stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => (this.#shown += text));
  }

  /**
   * Presses keys, and resolves with whether the terminal shows `what` behind what it showed before; with that, where it does not come.
   * Tab is pressed anew as a person would: names of a host that does not answer in time are not offered.
   */
  async press(keys: string, what: RegExp): Promise<true | string> {
    const before = this.#shown.length;
    this.#child.stdin.write(keys);
    for (let waited = 0; waited < 20_000; waited += 20) {
      if (what.test(read(this.#shown.slice(before)))) return true;
      await new Promise(resolve => setTimeout(resolve, 20));
      if (keys.endsWith("\t") && waited % 5000 === 4980) this.#child.stdin.write("\t");
    }
    return read(this.#shown.slice(before));
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
  }
}

/** What a person sees: each backspace takes a character back. */
function read(shown: string): string {
  const characters: string[] = [];
  for (const character of stripVTControlCharacters(shown)) {
    if (character === "\b") characters.pop();
    else if (character !== "\u0007") characters.push(character); // the bell
  }
  return characters.join("");
}

describe.runIf(hasTerminal).each(Object.entries(shells))("in %s, Tab", (shell, { command, setUp }) => {
  test.runIf(isInstalled(shell, "-c", "true"))(
    "fills in commands, services whatever their case, and actions, of the host that the words name",
    { timeout: 120_000 },
    async () => {
      using terminal = new Terminal(command);
      expect(await terminal.press("", /[#%$>] $/)).toBe(true); // what is typed before the prompt is there may be lost
      expect(await terminal.press(`${setUp}; echo re''ady\n`, /^ready/m)).toBe(true);
      expect(await terminal.press("sora stat\t", /sora status $/)).toBe(true);
      expect(await terminal.press("gr\t", /Greeter $/)).toBe(true);
      expect(await terminal.press("\u0015sora do greeter sa\t", /sora do greeter say-bye $/)).toBe(true);
      expect(await terminal.press(`\u0015sora --url ${env["SORA_URL"]} status gree\t`, /status Greeter $/)).toBe(true);
      expect(await terminal.press("\u0015sora new service --style cl\t", /--style class $/)).toBe(true);
      expect(await terminal.press("\u0015sora run serv\t", /sora run services\/$/)).toBe(true);
      expect(await terminal.press("\u0015sora do greeter say-bye\n", /^bye/m)).toBe(true);
    },
  );
});

test.runIf(isInstalled("fish", "-c", "true"))("in fish, Tab offers the same, with what each is", () => {
  const offers = (line: string): string => {
    const script = `sora completion fish | source; complete -C "${line}"`;
    const { status, stdout, stderr } = spawnSync("fish", ["--no-config", "-c", script], { cwd: folder, env, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return stdout;
  };
  expect(offers("sora stat")).toBe("status\tShow what a service does at this moment.\n");
  expect(offers("sora status gr")).toBe("Greeter\tbackground, running\n");
  expect(offers("sora do greeter ")).toBe("greet\taction\nsay-bye\taction\n");
  expect(offers(`sora --url ${env["SORA_URL"]} status gree`)).toBe("Greeter\tbackground, running\n");
  expect(offers("sora new service --style cl")).toBe("class\n");
  expect(offers("sora run serv")).toBe("services/\n");
});

for (const shell of [...Object.keys(shells), "fish"])
  if (!isInstalled(shell, "-c", "true")) console.info(`${shell} is not installed here, so its completion was not tried`);
