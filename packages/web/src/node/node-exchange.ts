import type { IncomingMessage, ServerResponse } from "node:http";
import { noteInput } from "../security/audit.ts";
import { tooLarge } from "../fetch/fetch-exchange.ts";
import type { Exchange } from "../routing/exchange.ts";

/** A Node request as an exchange: no `Request`, no `Headers`, no URL is made unless something asks. */
export class NodeExchange implements Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly path: string;
  readonly #search: string;
  #query: URLSearchParams | undefined = undefined;
  #controller: AbortController | undefined = undefined;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
    const url = (request as { originalUrl?: string }).originalUrl ?? request.url ?? "/";
    const mark = url.indexOf("?");
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.#search = mark < 0 ? "" : url.slice(mark + 1);
  }

  get method(): string {
    return this.#request.method ?? "GET";
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.#search));
  }

  get localAddress(): string | undefined {
    return this.#request.socket.localAddress;
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /** Node drops repeats of some headers from `headers`; what was really sent is in the distinct ones. */
  headers(name: string): readonly string[] {
    return this.#request.headersDistinct[name] ?? [];
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      if (this.#response.destroyed) controller.abort(new Error("the client has gone"));
      else
        this.#response.once("close", () => {
          if (!this.#response.writableFinished) controller.abort(new Error("the client has gone"));
        });
    }
    return this.#controller.signal;
  }

  async body(limit: number): Promise<Uint8Array> {
    const parsed = (this.#request as { body?: unknown }).body;
    if (parsed !== undefined && this.#request.readableEnded) return Buffer.from(typeof parsed === "string" ? parsed : JSON.stringify(parsed)); // a framework has read it already
    const announced = Number(this.#request.headers["content-length"] ?? 0);
    if (announced > limit) throw tooLarge(limit);
    const body = await collect(this.#request, limit);
    noteInput(this, body);
    return body;
  }
}

function collect(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined;
    let more: Buffer[] | undefined;
    let size = 0;
    request.on("data", (part: Buffer) => {
      size += part.length;
      if (size > limit) {
        request.removeAllListeners("data");
        request.resume();
        reject(tooLarge(limit));
        return;
      }
      if (first === undefined) first = part;
      else (more ??= [first]).push(part);
    });
    request.once("end", () => resolve(more === undefined ? (first ?? new Uint8Array()) : Buffer.concat(more)));
    request.once("error", reject);
    request.once("aborted", () => reject(new Error("the client has gone")));
  });
}
