export type ReplyHeaders = Readonly<Record<string, string>>;

/** Where a streaming reply writes. */
export interface ReplySink {
  /** False where the client is behind: write no more until it has caught up. */
  write(chunk: string): boolean;
  /** Calls back each time the client has caught up after a `write` that gave false. */
  onDrain(callback: () => void): void;
  /** Ends the answer once the client has taken everything. */
  close(): void;
  /** Cuts the client off; what it has not taken is lost. */
  destroy(): void;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** An answer, as a value. */
export type Reply =
  | { readonly kind: "json"; readonly status: number; readonly body: unknown; readonly headers?: ReplyHeaders; readonly type?: string }
  | FinalReply;

/** An answer that is ready to be written. */
export type FinalReply =
  | { readonly kind: "text"; readonly status: number; readonly body: string; readonly type: string; readonly headers?: ReplyHeaders }
  | { readonly kind: "stream"; readonly status: number; readonly type: string; readonly headers?: ReplyHeaders; open(sink: ReplySink): void };

/** An answer in JSON. Its type has to be named, so that the compiler sees to what is answered: nothing is taken for what a caller did not say. */
export function json<Answer = never>(body: NoInfer<Answer>, status = 200, headers?: ReplyHeaders): Reply {
  return headers === undefined ? { kind: "json", status, body } : { kind: "json", status, body, headers };
}

/** The same of text that is JSON already. */
export function jsonReply(body: string, headers?: ReplyHeaders): FinalReply {
  return { kind: "text", status: 200, type: "application/json", body, ...(headers === undefined ? undefined : { headers }) };
}
