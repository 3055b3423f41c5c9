import type { IncomingMessage, RequestOptions } from "node:http";
import { CliError } from "../cli-error.ts";
import { problemError } from "./problem-error.ts";
import { connectionError } from "./connection-error.ts";
import { readEvents } from "./event-stream.ts";
import type { Clock } from "@sora/core/adapter";
import type { ControlAddress } from "./control-address.ts";
import type { StreamedEvent } from "./event-stream.ts";

/** What the control plane answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The JSON value of the body; `undefined` for an empty one. */
  readonly body: unknown;
}

/** How long a connection may take to be made; what is answered after that may take as long as it needs. */
const connectWithin = 10_000;

/** Speaks to one control plane over HTTP. Every failure is a {@link CliError}: a refusal with the service's own code, or what is wrong with the connection. */
export class ControlClient {
  readonly #address: ControlAddress;
  readonly #clock: Clock;

  constructor(address: ControlAddress, clock: Clock) {
    this.#address = address;
    this.#clock = clock;
  }

  get url(): string {
    return this.#address.url.href.replace(/\/$/, "");
  }

  get(path: string, signal?: AbortSignal): Promise<Answer> {
    return this.#ask("GET", path, undefined, {}, signal);
  }

  /** Sends `body` as JSON, or nothing where it is `undefined`. */
  post(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#ask("POST", path, body === undefined ? undefined : JSON.stringify(body), headers);
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.#ask("PUT", path, JSON.stringify(body), {});
  }

  delete(path: string): Promise<Answer> {
    return this.#ask("DELETE", path, undefined, {});
  }

  /** Follows a stream of server-sent events until it ends or `signal` is aborted. `after` is the id of the last event that was seen. */
  async *events(path: string, after: string | undefined, signal: AbortSignal): AsyncGenerator<StreamedEvent> {
    const response = await this.#send(
      "GET",
      path,
      undefined,
      { accept: "text/event-stream", ...(after === undefined ? undefined : { "last-event-id": after }) },
      signal,
    );
    if (typeOf(response) !== "text/event-stream") {
      await this.#read(response); // throws for a problem
      throw this.#notSora(response);
    }
    try {
      yield* readEvents(response);
    } catch (error) {
      if (!signal.aborted) throw connectionError(error, this.url);
    }
  }

  async #ask(method: string, path: string, body: string | undefined, headers: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Answer> {
    return this.#read(await this.#send(method, path, body, headers, signal));
  }

  async #send(
    method: string,
    path: string,
    body: string | undefined,
    headers: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    const { url, token } = this.#address;
    refuseDots(path);
    // importing them would load all they export, a whole WebSocket client among it, which takes longer than the request
    const { request } = url.protocol === "https:" ? process.getBuiltinModule("node:https") : process.getBuiltinModule("node:http");
    const target = new URL(url);
    target.pathname = `${url.pathname.replace(/\/$/, "")}${path.split("?", 1)[0]}`;
    target.search = path.includes("?") ? path.slice(path.indexOf("?")) : "";
    const options: RequestOptions = {
      method,
      agent: false,
      headers: {
        accept: "application/json",
        "user-agent": "sora",
        ...(token === undefined ? undefined : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? undefined : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
        ...headers,
      },
      ...(signal === undefined ? undefined : { signal }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(target, options, resolve);
      const limit = this.#clock.setTimer(() => sent.destroy(Object.assign(new Error("no connection"), { code: "ETIMEDOUT" })), connectWithin, true);
      sent.once("socket", socket => socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => limit.cancel()));
      sent.once("error", error => {
        limit.cancel();
        reject(connectionError(error, this.url));
      });
      sent.end(body);
    });
  }

  async #read(response: IncomingMessage): Promise<Answer> {
    const status = response.statusCode ?? 0;
    const text = await textOf(response, this.url);
    const type = typeOf(response);
    if (!type.endsWith("json") && text !== "") throw this.#notSora(response);
    let body: unknown;
    try {
      body = text === "" ? undefined : JSON.parse(text);
    } catch {
      throw this.#notSora(response);
    }
    if (type === "application/problem+json") throw problemError(body, status, this.#address.token !== undefined, this.url);
    if (status >= 300 && !(status === 503 && body !== undefined)) throw this.#notSora(response); // health is told with 503, and is no problem
    return { status, headers: response.headers, body };
  }

  #notSora(response: IncomingMessage): CliError {
    const type = typeOf(response);
    return new CliError(
      "SORA_CLI_NOT_SORA",
      `What answers at ${this.url} is not a control plane of Sora: status ${response.statusCode}${type === "" ? "" : `, ${type.slice(0, 60)}`}.`,
      {
        fix: "Check --url or SORA_URL.",
        details: { url: this.url, status: response.statusCode },
      },
    );
  }
}

/** A name of dots, or of nothing, would lead to another route than the one that is meant: `queues pause billing ..` to that of the whole service. */
function refuseDots(path: string): void {
  const segment = path
    .split("?", 1)[0]!
    .slice(1)
    .split("/")
    .find(one => one === "" || one === "." || one === "..");
  if (segment !== undefined && path !== "/") throw new CliError("SORA_CLI_USAGE", `"${segment}" is no name, and no id.`, { fix: "Give one that there is." });
}

function typeOf(response: IncomingMessage): string {
  return (response.headers["content-type"] ?? "").split(";", 1)[0]!.trim().toLowerCase();
}

async function textOf(response: IncomingMessage, url: string): Promise<string> {
  const parts: Buffer[] = [];
  try {
    for await (const part of response) parts.push(part as Buffer);
  } catch (error) {
    throw connectionError(error, url);
  }
  return Buffer.concat(parts).toString("utf8");
}
