import { expect, test } from "vitest";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { Pace } from "./pace.ts";

async function paceOf(ended: number, milliseconds: number): Promise<{ readonly pace: Pace; readonly clock: ReturnType<typeof createVirtualClock> }> {
  const clock = createVirtualClock();
  const pace = new Pace(clock);
  for (let n = 0; n < ended; n++) pace.count();
  await clock.advance(milliseconds);
  return { pace, clock };
}

test("Pace expects as many as there were, for as long as it is asked", async () => {
  const { pace } = await paceOf(100, 5);
  expect([pace.within(1), pace.within(10)]).toEqual([20, 200]);
});

test("Pace knows of nothing before it has measured for some milliseconds", async () => {
  const { pace } = await paceOf(1_000, 4);
  expect(pace.within(10)).toBe(0);
});

test("Pace forgets what was before a long time of nothing", async () => {
  const { pace, clock } = await paceOf(100, 5);
  expect(pace.within(10)).toBe(200);
  await clock.advance("1h");
  expect(pace.within(10)).toBe(0);
});
