import { describe, expect, test } from "vitest";
import * as z from "zod";
import { defineService } from "../definition/define-service.ts";
import { createTestHost } from "../testing/test-host.ts";
import { recorder } from "./fixtures/recorder.ts";

describe("doEach", () => {
  test("names every item whose parameters do not fit, and stores none", async () => {
    const shop = defineService("Shop", { actions: { quote: { parameters: z.object({ order: z.number() }), run: async () => {} } } });
    await using host = await createTestHost({ services: [shop] });
    const items = [{ order: 1 }, {}, { order: 2 }, { order: "x" }] as { order: number }[];
    await expect(host.services(shop).doEach("quote", items).enqueue()).rejects.toMatchObject({
      code: "SORA_PARAMETERS_INVALID",
      message: expect.stringMatching(
        /^Cannot enqueue Shop\.quote: the parameters of 2 of 4 items do not fit\. \$\[1\]\.order: .+; \$\[3\]\.order: .+\.$/,
      ) as string,
      details: { service: "Shop", action: "quote", issues: [{ path: [1, "order"] }, { path: [3, "order"] }] },
    });
    expect((await host.actions.list()).actions).toEqual([]);
  });

  test("says which item is missing where the action requires parameters", async () => {
    const shop = defineService("Shop", { actions: { quote: { parameters: z.object({}), run: async () => {} } } });
    await using host = await createTestHost({ services: [shop] });
    await expect(
      host
        .services(shop)
        .doEach("quote", [{}, undefined as never])
        .enqueue(),
    ).rejects.toMatchObject({ details: { issues: [{ path: [1] }] } });
  });

  test("stores all items or none, and settles each on its own", async () => {
    const { service, ran } = recorder();
    const picky = defineService("Picky", {
      actions: {
        take: {
          parameters: z.number(),
          run: async n => {
            if (n % 2 === 1) throw new Error(`odd ${n}`);
            return n;
          },
        },
      },
    });
    await using host = await createTestHost({ services: [service, picky] });
    const batch = await host.services(picky).doEach("take", [1, 2, 3, 4]).withRetry({ attempts: 1 }).enqueue();
    const results = await batch.results();
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected", "fulfilled"]);
    await expect(
      host
        .services(picky)
        .doEach("take", [2, "x" as never])
        .enqueue(),
    ).rejects.toMatchObject({ code: "SORA_PARAMETERS_INVALID" });
    expect((await host.actions.list()).actions).toHaveLength(4);
    const ordered = await host
      .services(service)
      .doEach("note", [{ name: "a", takes: 50 }, { name: "b", takes: 5 }, { name: "c" }])
      .withKey("k")
      .enqueue();
    await host.clock.advance("1s");
    await ordered.results();
    expect(ran.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });
});
