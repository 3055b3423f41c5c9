import type { MetricFamily, MetricLabels } from "@sora/core/adapter";

/** The media type of {@link prometheusText}. */
export const prometheusType = "text/plain; version=0.0.4; charset=utf-8";

/** Metrics in Prometheus' text format 0.0.4. Families without series are left out. */
export function prometheusText(families: Iterable<MetricFamily>): string {
  let text = "";
  for (const family of families) {
    if (family.points.length === 0) continue;
    text += `# HELP ${family.name} ${family.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${family.name} ${family.type}\n`;
    text += family.type === "histogram" ? histogramLines(family) : family.points.map(({ labels, value }) => line(family.name, labels, value)).join("");
  }
  return text;
}

function histogramLines({ name, bounds, points }: Extract<MetricFamily, { type: "histogram" }>): string {
  let text = "";
  for (const { labels, cumulative, sum } of points) {
    for (const [index, count] of cumulative.entries()) text += line(`${name}_bucket`, { ...labels, le: number(bounds[index] ?? Infinity) }, count);
    text += line(`${name}_sum`, labels, sum) + line(`${name}_count`, labels, cumulative.at(-1) ?? 0);
  }
  return text;
}

function line(name: string, labels: MetricLabels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${number(value)}\n`;
}

function number(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}
