import parse from "parse-prometheus-text-format";
import type { ParsedMetric } from "parse-prometheus-text-format";
import { expect, test } from "vitest";
import { defineService } from "@sora/core";
import { createTestHost } from "@sora/core/testing";
import { createSoraWeb } from "@sora/web";

const Work = defineService("Work", {
  actions: {
    quick: async () => 1,
    slow: async ({ delay }) => delay("2s"),
    bad: async () => {
      throw new Error("no");
    },
  },
});
const Nightly = defineService("Nightly", { every: "1h", execute: async ({ delay }) => delay("90s") });

test("GET /metrics tells what the host has counted from its start, and durations from the first time it is asked", async () => {
  await using host = await createTestHost({ services: [Work, Nightly] });
  const web = createSoraWeb(host);
  const scrape = async (): Promise<(name: string, labels?: Readonly<Record<string, string>>) => ParsedMetric | undefined> => {
    const response = await web.fetch(new Request("http://localhost/metrics"));
    expect([response.status, response.headers.get("content-type"), response.headers.get("cache-control")]).toEqual([
      200,
      "text/plain; version=0.0.4; charset=utf-8",
      "no-store",
    ]);
    const text = await response.text();
    expect(parse(text).every(({ help, type }) => help !== "" && ["COUNTER", "GAUGE", "HISTOGRAM"].includes(type))).toBe(true);
    const families = parse(text.replaceAll(/^# TYPE .* histogram$/gm, "")); // the parser makes one of all a histogram's series, and of what has no type none
    return (name, labels = {}) =>
      families
        .flatMap(family => (family.name === name ? family.metrics : []))
        .find(metric => Object.entries(labels).every(([label, value]) => metric.labels?.[label] === value));
  };
  const call = async (action: "quick" | "slow" | "bad"): Promise<void> => {
    const answer = host
      .services(Work)
      .do(action)
      .execute()
      .catch(() => {});
    await host.clock.advance("2s");
    await answer;
  };

  await call("quick");
  await call("bad");
  const first = await scrape();
  expect(first("sora_action_calls_total", { service: "Work", action: "quick", outcome: "ok" })?.value).toBe("1");
  expect(first("sora_action_calls_total", { service: "Work", action: "bad", outcome: "failed" })?.value).toBe("1");
  expect(first("sora_action_calls_total", { service: "Work", action: "slow", outcome: "timeout" })?.value).toBe("0");
  expect(first("sora_action_duration_seconds_count")).toBeUndefined();
  expect(first("sora_service_state", { service: "Nightly", state: "running" })?.value).toBe("1");
  expect(first("sora_host_info")).toEqual({ labels: { host: "test", environment: "Testing" }, value: "1" });
  expect(Number(first("process_uptime_seconds")?.value)).toBeGreaterThan(0);
  expect(Number(first("process_resident_memory_bytes")?.value)).toBeGreaterThan(1e6);

  await call("quick");
  await call("slow");
  await host.clock.advance("62m");
  const second = await scrape();
  expect(second("sora_action_calls_total", { action: "quick", outcome: "ok" })?.value).toBe("2");
  const buckets = (name: string, labels: Readonly<Record<string, string>>, bounds: readonly string[]): unknown[] => [
    ...bounds.map(le => second(`${name}_bucket`, { ...labels, le })?.value),
    second(`${name}_sum`, labels)?.value,
    second(`${name}_count`, labels)?.value,
  ];
  expect(buckets("sora_action_duration_seconds", { action: "quick" }, ["0.001", "+Inf"])).toEqual(["1", "1", "0", "1"]);
  expect(buckets("sora_action_duration_seconds", { action: "slow" }, ["1", "2.5", "60", "+Inf"])).toEqual(["0", "1", "1", "1", "2", "1"]);
  expect(second("sora_service_runs_total", { service: "Nightly" })?.value).toBe("1");
  expect(buckets("sora_service_run_duration_seconds", { service: "Nightly" }, ["60", "+Inf"])).toEqual(["0", "1", "90", "1"]);
});
