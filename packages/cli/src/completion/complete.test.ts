import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createVirtualClock } from "@sora/core/testing";
import { describe, expect, test } from "vitest";
import { FakeControlPlane } from "../fixtures/fake-control-plane.ts";
import { runCommand } from "../fixtures/run-command.ts";
import { completionScript } from "./completion-script.ts";

const answers = {
  "GET /api/services": {
    json: [
      { name: "Greeter", kind: "background", state: "running" },
      { name: "GuestBook", kind: "periodic", state: "failed" },
    ],
  },
  "GET /api/services/greeter/info": { json: { actions: [{ name: "greet", description: "Says hello" }, { name: "list-all" }] } },
};

async function candidates(...words: readonly string[]): Promise<string[]> {
  await using plane = await FakeControlPlane.start(answers);
  const { out, err, status } = await runCommand(["complete", "--", ...words], { env: { SORA_URL: plane.url } });
  expect({ status, err }).toEqual({ status: 0, err: "" });
  return out.split("\n").slice(0, -1);
}

describe("complete", () => {
  test("offers commands with what they do, but none that is hidden", async () => {
    expect(await candidates("st")).toEqual([
      "status\tShow what a service does at this moment.",
      "start\tStart a service.",
      "stop\tStop a service; what is under way drains first.",
    ]);
    expect(await candidates("com")).toEqual(["completion\tPrint the completion script of a shell."]);
    expect((await candidates("new", "")).map(line => line.split("\t")[0])).toEqual(["service", "app"]);
  });

  test("offers options, the command's and those of all", async () => {
    expect((await candidates("events", "--")).map(line => line.split("\t")[0])).toEqual([
      "--follow",
      "--after",
      "--version",
      "--url",
      "--token",
      "--json",
      "--debug",
    ]);
    expect((await candidates("--js")).map(line => line.split("\t")[0])).toEqual(["--json"]);
  });

  test("offers the services of the host, then the actions of the service, whatever the case", async () => {
    expect(await candidates("status", "g")).toEqual(["Greeter\tbackground, running", "GuestBook\tperiodic, failed"]);
    expect(await candidates("--json", "do", "gre")).toEqual(["Greeter\tbackground, running"]);
    expect(await candidates("do", "greeter", "")).toEqual(["greet\tSays hello", "list-all\taction"]);
    expect(await candidates("do", "greeter", "greet", "")).toEqual([]);
  });

  test("offers the values that an option or an argument takes, and nothing for free text", async () => {
    expect(await candidates("completion", "")).toEqual(["bash", "zsh", "fish"]);
    expect(await candidates("new", "service", "A", "--style", "c")).toEqual(["class"]);
    expect(await candidates("status", "--url", "")).toEqual([]);
  });

  test("asks the host that the words name", async () => {
    await using plane = await FakeControlPlane.start(answers);
    const { out } = await runCommand(["complete", "--", "--url", plane.url, "status", "gu"], { env: { SORA_URL: "http://127.0.0.1:1" } });
    expect(out).toBe("GuestBook\tperiodic, failed\n");
  });

  test("is silent where no host answers, or none in time", async () => {
    expect(await runCommand(["complete", "--", "status", ""], { env: { SORA_URL: "http://127.0.0.1:1" } })).toEqual({ status: 0, out: "", err: "" });
    const clock = createVirtualClock();
    const asked = Promise.withResolvers<void>();
    await using plane = await FakeControlPlane.start({ "GET /api/services": () => asked.resolve() });
    const completing = runCommand(["complete", "--", "status", ""], { env: { SORA_URL: plane.url }, clock });
    await asked.promise;
    await clock.advance("1s");
    expect(await completing).toEqual({ status: 0, out: "", err: "" });
  });
});

describe("completionScript", () => {
  test.each(["bash", "zsh", "fish"] as const)("is what `sora completion %s` prints, and that shell reads it", async shell => {
    expect(await runCommand(["completion", shell])).toEqual({ status: 0, out: completionScript(shell), err: "" });
    const file = join(mkdtempSync(join(tmpdir(), "sora-completion-")), "script");
    writeFileSync(file, completionScript(shell));
    const { error, status, stderr } = spawnSync(shell, ["-n", file], { encoding: "utf8" });
    rmSync(dirname(file), { recursive: true });
    if (error !== undefined) console.info(`${shell} is not installed here, so it has not read its script`);
    else expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("fills in words in bash", () => {
    const program = `
      sora() { [ "$1 $2" = "complete --" ] && printf 'status\\tShows it\\nstart\\tStarts it\\n'; printf '%s\\n' "$*" >&3; }
      ${completionScript("bash")}
      COMP_WORDS=(sora st); COMP_CWORD=1; _sora 3>&1; echo "\${COMPREPLY[@]}"
      COMP_WORDS=(sora do Greeter ""); COMP_CWORD=3; _sora 3>&1`;
    expect(execFileSync("bash", ["-c", program], { encoding: "utf8" })).toBe("complete -- st\nstatus start\ncomplete -- do Greeter \n");
  });
});
