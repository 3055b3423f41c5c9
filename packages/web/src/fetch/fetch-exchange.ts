import { HttpProblem } from "../http/http-problem.ts";
import { noteInput } from "../security/audit.ts";
import type { Exchange } from "../routing/exchange.ts";

/** A fetch `Request` as an exchange. The path is the one of the URL, or the one given where a server has stripped a mount path from it. */
export class FetchExchange implements Exchange {
  readonly #request: Request;
  readonly #url: URL;
  readonly path: string;
  readonly localAddress: undefined;

  constructor(request: Request, path: string | undefined) {
    this.#request = request;
    this.#url = new URL(request.url);
    this.path = path ?? this.#url.pathname;
  }

  get method(): string {
    return this.#request.method;
  }

  get query(): URLSearchParams {
    return this.#url.searchParams;
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined;
  }

  /** Fetch joins repeated headers with ", "; `Host` may be missing, as the URL has it. */
  headers(name: string): readonly string[] {
    const value = this.#request.headers.get(name);
    if (value === null) return name === "host" ? [this.#url.host] : [];
    return value.split(", ");
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  async body(limit: number): Promise<Uint8Array> {
    const announced = Number(this.#request.headers.get("content-length") ?? 0);
    if (announced > limit) throw tooLarge(limit);
    if (this.#request.body === null) return new Uint8Array();
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of this.#request.body as unknown as AsyncIterable<Uint8Array>) {
      size += part.length;
      if (size > limit) throw tooLarge(limit);
      parts.push(part);
    }
    const body = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
    noteInput(this, body);
    return body;
  }
}

export function tooLarge(limit: number): HttpProblem {
  return new HttpProblem(413, "SORA_BODY_TOO_LARGE", `The body is larger than ${limit} bytes.`);
}
