/** A ratio that has to hold, as measured. */
export interface Target {
  readonly what: string;
  readonly measured: number;
  /** The bound, and which side of it is good. */
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly unit?: string;
}

export interface CaseResult {
  /** Figures by contestant, ready to print; they are of this machine at this moment, only their ratios mean something elsewhere. */
  readonly figures: readonly (readonly [contestant: string, figure: string])[];
  readonly targets: readonly Target[];
}

/** One comparison: ours and theirs in one run, in turns. The default export of each `*.bench.ts`. */
export interface BenchCase {
  readonly name: string;
  /** Which of our features were on, and what theirs do without. */
  readonly features: string;
  run(): Promise<CaseResult>;
}

export function holds({ measured, atLeast, atMost }: Target): boolean {
  return (atLeast === undefined || measured >= atLeast) && (atMost === undefined || measured <= atMost);
}
