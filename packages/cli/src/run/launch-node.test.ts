import { describe, expect, test } from "vitest";
import { launchChild } from "./launch-node.ts";

describe("launchChild", () => {
  test.each([
    ["process.exitCode = 3", 3],
    ["process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 10_000)", 143],
    ["process.exitCode = process.env.WORD === 'given' ? 0 : 1", 0],
  ])("resolves with the status of `%s`, and lets go of the signals", async (program, status) => {
    const before = process.listenerCount("SIGINT");
    expect(await launchChild({ args: ["-e", program], env: { ...process.env, WORD: "given", ABSENT: undefined } })).toBe(status);
    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});
