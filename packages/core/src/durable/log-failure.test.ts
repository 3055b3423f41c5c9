import { describe, expect, test } from "vitest";
import * as z from "zod";
import { defineService } from "../definition/define-service.ts";
import { createTestHost } from "../testing/test-host.ts";
import type { TestHost } from "../testing/index.ts";

describe("the log of a stored action", () => {
  const final = defineService("Shop", {
    actions: {
      ship: {
        parameters: z.object({ why: z.string() }),
        retry: { attempts: 3, backoff: "fixed", delay: "10s", retryIf: error => !String(error).includes("final") },
        run: async ({ why }) => {
          throw new Error(why);
        },
      },
    },
  });
  const linesOf = async (enqueue: (host: TestHost) => Promise<unknown>): Promise<string[]> => {
    await using host = await createTestHost({ services: [final] });
    await enqueue(host);
    await host.clock.advance("1m");
    return host.logs.filter(({ level }) => level === "warn" || level === "error").map(({ level, message }) => `${level} ${message}`);
  };

  test("says once that it is dead, at level error, and why no further attempt follows", async () => {
    expect(await linesOf(host => host.services(final).do("ship", { why: "a final no" }).enqueue())).toEqual([
      "error Shop.ship is dead after attempt 1 of 3, and no further attempt follows, since its error is final: Error: a final no",
    ]);
    expect(await linesOf(host => host.services(final).do("ship", { why: "not now" }).enqueue())).toEqual([
      "warn Attempt 1 of 3 at Shop.ship failed: Error: not now",
      "warn Attempt 2 of 3 at Shop.ship failed: Error: not now",
      "error Shop.ship is dead after attempt 3 of 3, and no further attempt follows, since its attempts are spent: Error: not now",
    ]);
  });

  test("says so of one that expires before it begins, or between two attempts", async () => {
    const held = async (host: TestHost): Promise<void> => {
      await host.actions.pause(final);
      await host.services(final).do("ship", { why: "x" }).withDeadline("1s").enqueue();
      await host.clock.advance("2s");
      await host.actions.resume(final);
    };
    expect(await linesOf(held)).toEqual(["error Shop.ship is dead before attempt 1 of 3, and no further attempt follows, since its deadline is over"]);
    const between = (host: TestHost): Promise<unknown> => host.services(final).do("ship", { why: "not now" }).withDeadline("5s").enqueue();
    expect(await linesOf(between)).toEqual([
      "warn Attempt 1 of 3 at Shop.ship failed: Error: not now",
      "error Shop.ship is dead before attempt 2 of 3, and no further attempt follows, since its deadline is over",
    ]);
  });
});
