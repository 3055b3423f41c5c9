import type { ServerResponse } from "node:http";
import { Cancellation } from "@sora/core/internal";

/** Tells that the client has gone before it was answered. */
export class ClientGone extends Cancellation {
  constructor(response: ServerResponse) {
    super();
    const gone = (): void => this.abort(new Error("the client has gone"));
    if (response.destroyed) gone();
    else
      response.on("close", () => {
        if (!response.writableFinished) gone();
      });
  }
}
