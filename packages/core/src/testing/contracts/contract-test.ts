/** One promise of a port, as a test that any runner can run. */
export interface ContractTest {
  readonly title: string;
  /** Why the adapter cannot be held to it; such a test is to be shown as skipped. */
  readonly skip?: string;
  /** Rejects where the promise does not hold. */
  run(): Promise<void>;
}
