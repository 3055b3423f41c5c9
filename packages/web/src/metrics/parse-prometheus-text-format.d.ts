/** The parser our text is checked with; it brings no types. */
declare module "parse-prometheus-text-format" {
  interface ParsedMetric {
    readonly labels?: Readonly<Record<string, string>>;
    readonly value?: string;
    readonly buckets?: Readonly<Record<string, string>>;
    readonly sum?: string;
    readonly count?: string;
  }

  interface ParsedFamily {
    readonly name: string;
    readonly help: string;
    readonly type: string;
    readonly metrics: readonly ParsedMetric[];
  }

  export type { ParsedFamily, ParsedMetric };
  export default function parsePrometheusTextFormat(text: string): ParsedFamily[];
}
