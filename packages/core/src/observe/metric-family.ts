/** What tells one series of a family from another. */
export type MetricLabels = Readonly<Record<string, string>>;

export interface MetricPoint {
  readonly labels: MetricLabels;
  readonly value: number;
}

export interface HistogramPoint {
  readonly labels: MetricLabels;
  /** How many were at most each of the family's bounds, and at the end how many there were. */
  readonly cumulative: readonly number[];
  readonly sum: number;
}

/** One metric with all its series, named as Prometheus names them: base units, counters ending in `_total`. */
export type MetricFamily =
  | { readonly type: "counter" | "gauge"; readonly name: string; readonly help: string; readonly points: readonly MetricPoint[] }
  | {
      readonly type: "histogram";
      readonly name: string;
      readonly help: string;
      readonly bounds: readonly number[];
      readonly points: readonly HistogramPoint[];
    };
