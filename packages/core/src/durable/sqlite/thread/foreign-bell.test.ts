import { describe, expect, test } from "vitest";
import { createVirtualClock } from "../../../testing/virtual-clock.ts";
import { ForeignBell } from "./foreign-bell.ts";

/** A bell on a clock of its own; `wrote` is what its next looks see. */
function bellOf() {
  const clock = createVirtualClock();
  const watched = { looks: 0, wrote: false, othersWrote: () => (watched.looks++, watched.wrote) };
  const bell = new ForeignBell(watched, clock);
  /** Looks as the thread does, whenever it is time to, for so long. */
  const pass = async (milliseconds: number): Promise<number> => {
    const before = watched.looks;
    const until = clock.monotonic() + milliseconds;
    while (clock.monotonic() + bell.untilLook < until) {
      await clock.advance(bell.untilLook);
      bell.rings();
    }
    return watched.looks - before;
  };
  return { clock, watched, bell, pass };
}

describe("ForeignBell", () => {
  test("looks each 25 ms while something goes on", async () => {
    const { bell, pass } = bellOf();
    expect(await pass(1_000)).toBe(40);
    bell.stir();
    expect(await pass(1_000)).toBeGreaterThanOrEqual(39);
  });

  test("looks ever more seldom where nothing does, four times a second after ten seconds", async () => {
    const { pass } = bellOf();
    await pass(4_000);
    const between = await pass(1_000);
    expect(between).toBeGreaterThan(7);
    expect(between).toBeLessThan(11);
    await pass(5_000);
    expect(await pass(10_000)).toBeLessThanOrEqual(41);
  });

  test("rings where others have written, and looks often again", async () => {
    const { bell, pass, watched, clock } = bellOf();
    await pass(20_000);
    watched.wrote = true;
    await clock.advance(bell.untilLook);
    expect(bell.rings()).toBe(true);
    expect(bell.untilLook).toBe(25);
    watched.wrote = false;
    expect(bell.rings()).toBe(false); // it is too early for another look
    await clock.advance(25);
    expect(bell.rings()).toBe(false);
  });
});
