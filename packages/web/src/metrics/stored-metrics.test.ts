import parse from "parse-prometheus-text-format";
import type { ParsedMetric } from "parse-prometheus-text-format";
import { expect, test } from "vitest";
import { storedStage, unsteadyStore } from "../fixtures/stored-stage.ts";
import type { WebStage } from "../fixtures/web-stage.ts";

async function scrape(stage: WebStage): Promise<(name: string, labels?: Readonly<Record<string, string>>) => string | undefined> {
  const asked = stage.ask("/metrics");
  await stage.host.clock.advance("1s");
  const { status, text } = await asked;
  expect(status).toBe(200);
  const families = parse(text);
  return (name, labels = {}) =>
    families
      .flatMap(family => (family.name === name ? family.metrics : []))
      .find((metric: ParsedMetric) => Object.entries(labels).every(([label, value]) => metric.labels?.[label] === value))?.value;
}

test("GET /metrics tells of stored actions, the worker, the outbox and the store", async () => {
  await using stage = await storedStage({ host: { worker: { concurrency: 4 } } });
  stage.control.broken = true;
  const billing = stage.host.services(stage.billing);
  await billing.do("charge", { order: "1" }).enqueue();
  await billing.do("slow").enqueue();
  await billing.do("nothing").enqueue();
  await billing.do("nothing").withDelay("1h").enqueue();
  await stage.host.outbox.append("topic", 1);
  await stage.host.clock.advance("2s");
  const value = await scrape(stage);
  const counters = { enqueued: "4", started: "3", completed: "1", failed: "0", dead: "1", cancelled: "0", lost: "0" };
  for (const [count, expected] of Object.entries(counters)) expect([count, value(`sora_actions_${count}_total`)]).toEqual([count, expected]);
  const queue = (action: string, state: string): string | undefined => value("sora_actions", { service: "Billing", action, version: "1", state });
  expect([queue("charge", "dead"), queue("slow", "running"), queue("nothing", "delayed"), queue("charge", "waiting")]).toEqual(["1", "1", "1", "0"]);
  expect(queue("nothing", "completed")).toBeUndefined();
  expect(value("sora_actions_unclaimable")).toBe("0");
  expect([value("sora_worker_running"), value("sora_worker_concurrency")]).toEqual(["1", "4"]);
  expect([value("sora_outbox_waiting"), value("sora_outbox_dead")]).toEqual(["1", "0"]);
  expect(value("sora_store_up", { store: "memory" })).toBe("1");
});

test.each(["fails", "hangs"] as const)("GET /metrics answers all the same where the store %s", async state => {
  const unsteady = unsteadyStore();
  await using stage = await storedStage({ host: { store: unsteady.store } });
  await stage.host.services(stage.billing).do("nothing").enqueue();
  await stage.host.clock.advance("2s");
  unsteady.state = state;
  const value = await scrape(stage);
  expect([value("sora_store_up"), value("sora_actions_completed_total"), value("sora_outbox_waiting")]).toEqual(["0", "1", undefined]);
  expect(value("sora_service_state", { service: "Billing", state: "running" })).toBe("1");
  unsteady.state = "works";
});
