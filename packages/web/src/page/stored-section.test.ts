import { describe, expect, test } from "vitest";
import { storedStage, storeOfGone, unsteadyStore } from "../fixtures/stored-stage.ts";
import { webStage } from "../fixtures/web-stage.ts";
import type { WebStage } from "../fixtures/web-stage.ts";

/** The cells of every row of the table in the region `name`. */
function rows(text: string, name: string): string[][] {
  const [region = ""] = new RegExp(`<div class="scroll" role="region" aria-labelledby="${name}".*?</div>`, "s").exec(text) ?? [];
  const [, body = ""] = region.split("<tbody>");
  return Array.from(body.matchAll(/<tr>(.*?)<\/tr>/gs), ([, row = ""]) =>
    Array.from(row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs), ([, cell = ""]) => cell.replaceAll(/<[^>]*>/g, "").trim()),
  );
}

const page = async (stage: WebStage): Promise<string> => {
  const { status, text } = await stage.ask("/");
  expect(status).toBe(200);
  return text;
};

describe("the status page", () => {
  test("says nothing of stored actions where there is no store", async () => {
    await using stage = await webStage();
    expect(await page(stage)).not.toMatch(/Stored actions<\/h2>|Schedules/);
  });

  test("shows dead actions first, with their cause, then queues and schedules", async () => {
    const store = await storeOfGone();
    await using stage = await storedStage({ host: { store, worker: { concurrency: 4 } } });
    stage.control.broken = true;
    const billing = stage.host.services(stage.billing);
    const { id } = await billing.do("charge", { order: "canaryOrder" }).enqueue();
    await billing.do("slow").enqueue();
    await billing.do("charge", { order: "canaryOrder" }).schedule("<tenant> 7", { cron: "0 3 * * *", timeZone: "Europe/Berlin" });
    await billing.do("nothing").schedule("hourly", { every: "90m" });
    await stage.host.clock.settle();
    await stage.host.schedules.pause("hourly");
    await stage.host.actions.pause("Billing", "slow");
    await stage.host.outbox.append("topic", "canaryMessage");
    await stage.host.clock.advance("2s");
    const text = await page(stage);
    expect(text).toContain("<p>In memory, worked on by 1 worker. This host is at work on 1 of 4 at once. Outbox: 1 waiting, 0 dead.</p>");
    expect(rows(text, "dead")).toEqual([[id, "Billing.charge", "✕ dead", "1", "2 s ago", "Error: the bank at https://***@bank.example does not answer"]]);
    expect(rows(text, "queues")).toEqual([
      ["Billing.charge", "1", "0", "0", "0", "0", "1", "0", "–"],
      ["Billing.slow", "1", "0", "0", "1", "0", "0", "0", "■ paused"],
      ["Gone.go", "1", "1", "0", "0", "0", "0", "0", "✕ unclaimable no worker can run it"],
    ]);
    expect(rows(text, "schedules")).toEqual([
      ["&lt;tenant&gt; 7", "Billing.charge", "0 3 * * * Europe/Berlin", "in 1 h 59 min", "–"],
      ["hourly", "Billing.nothing", "every 1 h 30 min", "■ paused", "–"],
    ]);
    expect(rows(text, "services").map(([name]) => name)).toContain("DurableActions background");
    expect(text.indexOf('id="dead"')).toBeLessThan(text.indexOf('id="queues"'));
    expect(Array.from(text.matchAll(/<h(\d)/g), ([, level]) => level)).toEqual(["1", "2", "2", "3", "3", "2", "2"]);
    for (const table of text.match(/<table>.*?<\/table>/gs) ?? []) {
      expect(table).toMatch(/<caption>.+<\/caption>/);
      const columns = table.match(/scope="col"/g)?.length as number;
      for (const [row] of (table.split("<tbody>")[1] as string).matchAll(/<tr>.*?<\/tr>/gs)) expect(row.match(/<t[hd][ >]/g)).toHaveLength(columns);
    }
    expect(text).not.toMatch(/canary|<script|<tenant>/);
  });

  test("is shown within a second where the store does not answer, and says so", async () => {
    const unsteady = unsteadyStore();
    await using stage = await storedStage({ host: { store: unsteady.store } });
    unsteady.state = "fails";
    const refused = await page(stage);
    expect(refused).toContain("</span> unreachable</span>.");
    expect(refused).not.toContain("canary");
    unsteady.state = "hangs";
    const asked = page(stage);
    await stage.host.clock.advance("1s");
    expect(await asked).toContain("It has not answered within a second.");
    unsteady.state = "works";
  });
});
