import parse from "parse-prometheus-text-format";
import { describe, expect, test } from "vitest";
import { prometheusText } from "./prometheus-text.ts";

describe("prometheusText", () => {
  test("writes each family with its help, its type and its series", () => {
    expect(
      prometheusText([
        {
          type: "counter",
          name: "a_total",
          help: "How many.",
          points: [
            { labels: {}, value: 3 },
            { labels: { x: "1", y: "2" }, value: 0.5 },
          ],
        },
        { type: "gauge", name: "none", help: "Nothing.", points: [] },
        {
          type: "gauge",
          name: "odd",
          help: "Odd.",
          points: [Infinity, -Infinity, Number.NaN, 1e21, -0].map((value, index) => ({ labels: { index: String(index) }, value })),
        },
      ]),
    ).toBe(
      '# HELP a_total How many.\n# TYPE a_total counter\na_total 3\na_total{x="1",y="2"} 0.5\n' +
        '# HELP odd Odd.\n# TYPE odd gauge\nodd{index="0"} +Inf\nodd{index="1"} -Inf\nodd{index="2"} NaN\nodd{index="3"} 1e+21\nodd{index="4"} 0\n',
    );
  });

  test("writes a histogram as cumulative buckets to +Inf, a sum and a count", () => {
    const text = prometheusText([
      { type: "histogram", name: "t_seconds", help: "Time.", bounds: [0.1, 1], points: [{ labels: { s: "x" }, cumulative: [1, 2, 5], sum: 12.5 }] },
    ]);
    expect(text).toContain(
      't_seconds_bucket{s="x",le="0.1"} 1\nt_seconds_bucket{s="x",le="1"} 2\nt_seconds_bucket{s="x",le="+Inf"} 5\nt_seconds_sum{s="x"} 12.5\nt_seconds_count{s="x"} 5\n',
    );
    expect(parse(text)).toMatchObject([{ name: "t_seconds", help: "Time.", type: "HISTOGRAM", metrics: [{ buckets: { "0.1": "1", "1": "2", "+Inf": "5" } }] }]);
  });

  test("escapes what a label or a help text may not hold", () => {
    const label = 'back\\slash "quoted"\nsecond line, {braces} # é';
    const text = prometheusText([{ type: "gauge", name: "g", help: "One\\two\nthree", points: [{ labels: { label }, value: 1 }] }]);
    expect(text.split("\n")).toHaveLength(4);
    expect(parse(text)).toEqual([{ name: "g", help: "One\\two\nthree", type: "GAUGE", metrics: [{ labels: { label }, value: "1" }] }]);
  });
});
