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
  rmSync(folder, { recursive: true, force: true });
});

/** A shell in a terminal. */
class Terminal implements Disposable {
  readonly #child;
  #shown = "";

  constructor(command: string) {
    this.#child = spawn("script", ["-qefc", command, "/dev/null"], { cwd: folder, env, stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => (this.#shown += text));
  }

  /** Presses keys, and resolves when the terminal shows `what` behind what it showed before. */
  async press(keys: string, what: RegExp): Promise<void> {
    const before = this.#shown.length;
    this.#child.stdin.write(keys);
    await expect.poll(() => read(this.#shown.slice(before)), { timeout: 20_000 }).toMatch(what);
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
  }
}

/** What a person sees: each backspace takes a character back. */
function read(shown: string): string {
  let text = stripVTControlCharacters(shown).replaceAll("\u0007", "");
  while (/[^\u0008]\u0008/.test(text)) text = text.replaceAll(/[^\u0008]\u0008/g, "");
  return text;
}

describe.runIf(hasTerminal).each(Object.entries(shells))("in %s, Tab", (shell, { command, setUp }) => {
  test.runIf(isInstalled(shell, "-c", "true"))(
    "fills in commands, services whatever their case, and actions, of the host that the words name",
    { timeout: 120_000 },
    async () => {
      using terminal = new Terminal(command);
      await terminal.press("", /[#%$>] $/); // what is typed before the prompt is there may be lost
      await terminal.press(`${setUp}; echo re''ady\n`, /^ready/m);
      await terminal.press("sora stat\t", /sora status $/);
      await terminal.press("gr\t", /Greeter $/);
      await terminal.press("\u0015sora do greeter sa\t", /sora do greeter say-bye $/);
      await terminal.press(`\u0015sora --url ${env["SORA_URL"]} status gree\t`, /status Greeter $/);
      await terminal.press("\u0015sora new service --style cl\t", /--style class $/);
      await terminal.press("\u0015sora run serv\t", /sora run services\/$/);
      await terminal.press("\u0015sora do greeter say-bye\n", /^bye/m);
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
