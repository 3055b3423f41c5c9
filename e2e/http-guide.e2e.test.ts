import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChildProcess } from "node:child_process";

const root = fileURLToPath(new URL("..", import.meta.url));
const guide = readFileSync(join(root, "docs/guide/http.md"), "utf8");

/** The commands of the guide's `console` blocks, each with what is said to follow it. */
const session = Array.from(guide.matchAll(/^```console\n([^]*?)^```$/gm), ([, block]) => block as string).flatMap(block =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map(step => {
      const end = step.indexOf("\n");
      return { command: step.slice(0, end), output: step.slice(end + 1).trimEnd() };
    }),
);

/** What `output` says, as a pattern: a line of "…" stands for any lines, and a "…" within a line for anything within it. */
function pattern(output: string): RegExp {
  const lines = output.split("\n").map(line => (line === "…" ? "(?:[^\\n]*\\n)*?" : `${line.split("…").map(escaped).join("[^\\n]*?")}\\n`));
  return new RegExp(`^${lines.join("")}$`);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function hasCurl(): boolean {
  try {
    execFileSync("curl", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const why = hasCurl() ? "" : " (skipped: curl is not installed)";

describe.skipIf(why !== "")(`the guide's session over HTTP${why}`, () => {
  let folder: string;
  let program: ChildProcess;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "sora-http-guide-"));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const source = /^```ts\n(\/\/ app\.ts\n[^]*?)^```$/m.exec(guide)?.[1] as string;
    writeFileSync(join(folder, "app.ts"), source);
    program = spawn(process.execPath, ["app.ts"], {
      cwd: folder,
      env: { ...process.env, PORT: "0", NODE_ENV: "development", SORA_ENVIRONMENT: "Development" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    url = await new Promise((resolve, reject) => {
      let said = "";
      program.stdout?.on("data", (part: Buffer) => {
        said += part.toString();
        const found = /^at (http:\S+)$/m.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
      program.once("exit", () => reject(new Error(`The program of the guide has ended: ${said}`)));
    });
  });

  afterAll(async () => {
    if (program.exitCode === null) {
      program.kill("SIGTERM");
      await once(program, "exit");
    }
    rmSync(folder, { recursive: true });
  });

  test("holds as many steps as it seems to", () => {
    expect(session.length).toBeGreaterThan(12);
    expect(session.every(({ command, output }) => command.includes("curl") && output !== "")).toBe(true);
  });

  test.each(session)("$command", ({ command, output }) => {
    const printed = execFileSync("sh", ["-c", command.replaceAll("http://127.0.0.1:4310", url)], { encoding: "utf8" }).replaceAll("\r\n", "\n");
    expect(`${printed.trimEnd()}\n`).toMatch(pattern(output));
  });

  test("ends in order at the signal of its terminal", async () => {
    program.kill("SIGTERM");
    const [code] = (await once(program, "exit")) as [number];
    expect(code).toBe(0);
  });
});
