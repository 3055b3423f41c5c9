import type { Subscription, SubscriptionStats } from "./subscription.ts";

/** Several subscriptions as one handle. */
export class SubscriptionGroup implements Subscription {
  readonly #members: readonly Subscription[];

  constructor(members: readonly Subscription[]) {
    this.#members = members;
  }

  /** Sums over all members. */
  get stats(): SubscriptionStats {
    const sum = { delivered: 0, failed: 0, dropped: 0, filtered: 0, waiting: 0 };
    for (const { stats } of this.#members) for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += stats[key];
    return sum;
  }

  dispose(): void {
    for (const member of this.#members) member.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#members.map(member => member[Symbol.asyncDispose]()));
  }
}
