import { bodyGone, bodyTooLarge, clientGone } from "../http/body-refusals.ts";
import type { CancelSignal } from "@sora/core/adapter";
import type { Exchange } from "../routing/exchange.ts";
import type { Connection } from "./connection.ts";

/** A fetch `Request` as an exchange. */
export class FetchExchange implements Exchange {
  readonly path: string;
  readonly base: string;
  readonly localAddress: string | undefined;
  readonly remoteAddress: string | undefined;
  readonly #request: Request;
  readonly #url: URL;
  input: Uint8Array | undefined = undefined;

  /** `prefix` is taken off the path; a path without it leads nowhere. */
  constructor(request: Request, prefix: string, connection: Connection | undefined) {
    this.#request = request;
    this.#url = new URL(request.url);
    this.base = prefix;
    this.localAddress = connection?.localAddress;
    this.remoteAddress = connection?.remoteAddress;
    const { pathname } = this.#url;
    if (prefix === "") this.path = pathname;
    else if (pathname === prefix) this.path = "/";
    else this.path = pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length) : "";
  }

  get method(): string {
    return this.#request.method;
  }

  get query(): URLSearchParams {
    return this.#url.searchParams;
  }

  header(name: string): string | undefined {
    const value = this.#request.headers.get(name);
    return value ?? (name === "host" ? this.#url.host : undefined);
  }

  /** Fetch joins repeated headers with ", ", which stands in none of those that are asked for here. A request that was made without `Host` has one in its URL. */
  headers(name: string): readonly string[] {
    return this.header(name)?.split(", ") ?? [];
  }

  get signal(): CancelSignal {
    return this.#request.signal;
  }

  async body(limit: number): Promise<Uint8Array> {
    const { headers, body, bodyUsed } = this.#request;
    if (bodyUsed) throw bodyGone();
    if (Number(headers.get("content-length") ?? 0) > limit) throw bodyTooLarge(limit);
    const bytes = body === null ? new Uint8Array() : await this.#collect(body, limit);
    this.input = bytes;
    return bytes;
  }

  async #collect(body: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let size = 0;
    const reader = body[Symbol.asyncIterator]();
    for (;;) {
      const { done, value } = await reader.next().catch(() => {
        throw clientGone();
      });
      if (done === true) break;
      size += value.length;
      if (size > limit) {
        await reader.return?.().catch(() => {});
        throw bodyTooLarge(limit);
      }
      parts.push(value);
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  }
}
