import type { IncomingMessage, ServerResponse } from "node:http";
import { refusal } from "../http/http-problem.ts";
import { bodyGone, bodyTooLarge, clientGone } from "../http/body-refusals.ts";
import { ClientGone } from "./client-gone.ts";
import type { CancelSignal } from "@sora/core/adapter";
import type { Exchange } from "../routing/exchange.ts";

const none: readonly string[] = [];
const nothing = new Uint8Array();
/** For requests without a query, which is most; nobody writes to it. */
const noQuery = new URLSearchParams();

/** What frameworks add to Node's request. */
interface FrameworkRequest {
  /** Express: the path that `app.use` has taken off `url`. */
  readonly baseUrl?: unknown;
  /** The body, where something has read it already. */
  readonly body?: unknown;
}

/** A Node request as an exchange: no `Request`, no `Headers`, no URL is made unless something asks. */
export class NodeExchange implements Exchange {
  readonly path: string;
  readonly #request: IncomingMessage & FrameworkRequest;
  readonly #response: ServerResponse;
  readonly #prefix: string;
  readonly #mark: number;
  /** Whether the client waits with the body until it is told to go on (`Expect: 100-continue`). */
  #waits: boolean;
  #query: URLSearchParams | undefined = undefined;
  #gone: ClientGone | undefined = undefined;
  input: Uint8Array | undefined = undefined;

  /** `prefix` is taken off the path; a path without it leads nowhere. A client that `waits` is told to go on when its body is read, and not before the guards have let it through. */
  constructor(request: IncomingMessage, response: ServerResponse, prefix: string, waits = false) {
    this.#request = request;
    this.#response = response;
    this.#prefix = prefix;
    this.#waits = waits;
    const url = request.url ?? "";
    this.#mark = url.indexOf("?");
    const path = this.#mark < 0 ? url : url.slice(0, this.#mark);
    this.path = prefix === "" ? path : withoutPrefix(path, prefix);
  }

  get method(): string {
    return this.#request.method ?? "GET";
  }

  get base(): string {
    const { baseUrl } = this.#request;
    return typeof baseUrl === "string" ? baseUrl + this.#prefix : this.#prefix;
  }

  get query(): URLSearchParams {
    return this.#mark < 0 ? noQuery : (this.#query ??= new URLSearchParams((this.#request.url as string).slice(this.#mark + 1)));
  }

  get localAddress(): string | undefined {
    return this.#request.socket.localAddress;
  }

  get remoteAddress(): string | undefined {
    return this.#request.socket.remoteAddress;
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  /** Node drops or joins repeats, each header in its own way; what was really sent is in the raw ones. */
  headers(name: string): readonly string[] {
    if (this.#request.headers[name] === undefined) return none;
    const { rawHeaders } = this.#request;
    const values: string[] = [];
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const key = rawHeaders[index] as string;
      if (key.length === name.length && key.toLowerCase() === name) values.push(rawHeaders[index + 1] as string);
    }
    return values;
  }

  /** Whether the client still waits with its body: what it sends next on this connection may be that, or another request. */
  get waits(): boolean {
    return this.#waits;
  }

  get signal(): CancelSignal {
    return (this.#gone ??= new ClientGone(this.#response));
  }

  body(limit: number): Promise<Uint8Array> {
    const request = this.#request;
    if (request.readableDidRead || request.readableEnded) return Promise.resolve((this.input = readAlready(request, limit)));
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced > limit) {
      request.resume();
      throw bodyTooLarge(limit, announced);
    }
    if (this.#waits) {
      this.#waits = false;
      this.#response.writeContinue();
    }
    return this.#collect(limit);
  }

  #collect(limit: number): Promise<Uint8Array> {
    const request = this.#request;
    return new Promise((resolve, reject) => {
      if (request.destroyed) {
        reject(clientGone());
        return;
      }
      let first: Buffer | undefined;
      let more: Buffer[] | undefined;
      let size = 0;
      let ended = false;
      const take = (part: Buffer): void => {
        size += part.length;
        if (size > limit) {
          ended = true;
          request.removeListener("data", take);
          request.resume(); // what is still on its way is read and forgotten, so that the client gets to read why it was refused
          reject(bodyTooLarge(limit));
        } else if (first === undefined) first = part;
        else (more ??= [first]).push(part);
      };
      request.on("data", take);
      request.on("end", () => {
        if (ended) return;
        ended = true;
        this.input = more === undefined ? (first ?? nothing) : Buffer.concat(more);
        resolve(this.input);
      });
      request.on("close", () => {
        if (!ended) reject(clientGone());
      });
    });
  }
}

function withoutPrefix(path: string, prefix: string): string {
  if (!path.startsWith(prefix)) return "";
  return path.length === prefix.length ? "/" : path.charCodeAt(prefix.length) === 47 ? path.slice(prefix.length) : "";
}

/** What a framework's body parser has made of the body, as bytes again, so that it passes the same checks. */
function readAlready(request: FrameworkRequest & IncomingMessage, limit: number): Uint8Array {
  const { body } = request;
  if (body === undefined) {
    const { "content-length": length = "0", "transfer-encoding": encoding } = request.headers;
    if (length === "0" && encoding === undefined) return nothing; // there was none
    throw bodyGone();
  }
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : writeAgain(body));
  if (bytes.length > limit) throw bodyTooLarge(limit);
  return bytes;
}

function writeAgain(body: unknown): string {
  try {
    return JSON.stringify(body) ?? "";
  } catch {
    throw refusal("SORA_BODY_INVALID", "What the server's body parser has made of the body is not JSON.");
  }
}
