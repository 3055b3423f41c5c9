import { describe, expect, test } from "vitest";
import { devStep } from "./dev-step.ts";
import type { DevInput, DevState } from "./dev-step.ts";

const changed: DevInput = { kind: "changed", file: "a.ts" };
const exited: DevInput = { kind: "exited", status: 3 };
const asked: DevInput = { kind: "asked", signal: "SIGINT", delivered: false };
const delivered: DevInput = { kind: "asked", signal: "SIGINT", delivered: true };

describe("devStep", () => {
  test.each<[DevState["phase"], DevInput, DevState["phase"], readonly string[]]>([
    ["running", changed, "restarting", ["say", "signal SIGTERM"]],
    ["running", exited, "waiting", ["say"]],
    ["running", asked, "ending", ["signal SIGINT"]],
    ["running", delivered, "ending", []],
    ["restarting", changed, "restarting", []],
    ["restarting", exited, "running", ["start"]],
    ["restarting", asked, "ending", []],
    ["waiting", changed, "running", ["say", "start"]],
    ["waiting", asked, "ending", ["end 0"]],
    ["ending", changed, "ending", []],
    ["ending", exited, "ending", ["end 3"]],
    ["ending", asked, "ending", ["signal SIGINT"]],
  ])("%s, %j → %s", (phase, input, next, effects) => {
    const step = devStep({ phase }, input);
    expect(step.state.phase).toBe(next);
    expect(step.effects.map(effect => [effect.kind, "signal" in effect ? effect.signal : "status" in effect ? effect.status : ""].join(" ").trim())).toEqual(
      effects,
    );
  });

  test("never has two programs, loses no change, and ends with the status of the last", () => {
    let state: DevState = { phase: "running" };
    let running = 1;
    for (const input of [changed, changed, exited, changed, exited, exited, changed, asked, exited]) {
      const step = devStep(state, input);
      if (input.kind === "exited") running--;
      for (const effect of step.effects) if (effect.kind === "start") running++;
      expect(running).toBeLessThanOrEqual(1);
      state = step.state;
    }
    expect(state.phase).toBe("ending");
  });
});
