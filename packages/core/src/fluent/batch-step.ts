import { BatchReceipt } from "../durable/batch-receipt.ts";
import { checkedTransaction } from "./checked-steps.ts";
import { enqueueEach } from "./enqueue-chain.ts";
import type { CallOptions } from "../actions/call-options.ts";
import type { StoredCallOptions } from "../durable/stored-call-options.ts";
import type { Client } from "./enqueue-chain.ts";

/** The one action whose options all items of a batch have. */
interface Template {
  readonly client: Client;
  readonly action: string;
  readonly options: CallOptions | undefined;
  readonly stored: StoredCallOptions | undefined;
}

/** Options that mean the same for each item. */
const steps = ["withPriority", "withTimeout", "withCorrelationId", "withMetadata", "withRetry", "withDelay", "at", "withDeadline", "withKey"] as const;

/** Many calls of one action, to be stored together. Immutable: each method returns a new step. */
export class BatchStep {
  readonly #template: Template;
  readonly #items: readonly unknown[];

  constructor(template: Template, items: readonly unknown[]) {
    this.#template = template;
    this.#items = items;
  }

  async enqueue(options?: { readonly transaction?: unknown }): Promise<BatchReceipt> {
    const { client, action, options: call, stored } = this.#template;
    const requests = this.#items.map(parameters => ({ action, parameters, options: call, stored }));
    return new BatchReceipt(await enqueueEach(client, requests, checkedTransaction(options)));
  }

  /** This batch with one more option, which is the template's to check. */
  with(step: (typeof steps)[number], given: readonly unknown[]): BatchStep {
    const template = this.#template as Template & Record<typeof step, (...given: readonly unknown[]) => Template>;
    return new BatchStep(template[step](...given), this.#items);
  }
}

for (const step of steps) {
  Object.defineProperty(BatchStep.prototype, step, {
    value(this: BatchStep, ...given: readonly unknown[]): BatchStep {
      return this.with(step, given);
    },
  });
}
