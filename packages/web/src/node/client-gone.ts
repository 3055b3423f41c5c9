import type { ServerResponse } from "node:http";
import type { CancelSignal } from "@sora/core/adapter";

/**
 * Tells that the client has gone before it was answered. It is what a call needs of an `AbortSignal` and no more: making an `AbortController` for every request, and listening to it, would
 * cost as much as the call itself.
 */
export class ClientGone implements CancelSignal {
  aborted = false;
  reason: unknown = undefined;
  readonly #listeners: (() => void)[] = [];

  constructor(response: ServerResponse) {
    if (response.destroyed) this.#abort();
    else
      response.on("close", () => {
        if (!response.writableFinished) this.#abort();
      });
  }

  addEventListener(_type: "abort", listener: () => void): void {
    if (!this.#listeners.includes(listener)) this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }

  #abort(): void {
    this.aborted = true;
    this.reason = new Error("the client has gone");
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
