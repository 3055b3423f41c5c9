import { waitSignal } from "./wait-signal.ts";
import type { ActionReceipt } from "./action-receipt.ts";

/** Stands for many actions that were stored together and settle each on its own. */
export class BatchReceipt<Result = unknown> {
  /** One for each item, in order. */
  readonly receipts: readonly ActionReceipt<Result>[];

  constructor(receipts: readonly ActionReceipt<Result>[]) {
    this.receipts = receipts;
  }

  /** Each item's outcome, in order, once all have theirs. Rejects with the signal's reason alone, while they go on. */
  async results(options: { readonly signal?: AbortSignal } = {}): Promise<PromiseSettledResult<Result>[]> {
    const signal = waitSignal(options);
    const settled = await Promise.allSettled(this.receipts.map(receipt => receipt.result(options)));
    signal?.throwIfAborted();
    return settled;
  }

  /** Cancels those that have no outcome yet. */
  async cancel(): Promise<void> {
    await Promise.all(this.receipts.map(receipt => receipt.cancel()));
  }
}
