import type { IncomingMessage, ServerResponse } from "node:http";
import { NodeExchange } from "./node-exchange.ts";
import { writeReply } from "./write-reply.ts";
import type { FinalReply } from "../routing/reply.ts";
import type { WebApp } from "../web-app.ts";

/** So many answers wait for each other at most, */
const mostTogether = 64;
/** and so many milliseconds, where the requests behind them take long. */
const longestTogether = 1;

interface Answer {
  readonly exchange: NodeExchange;
  readonly response: ServerResponse;
  readonly reply: FinalReply;
}

/**
 * Answers the requests of Node servers, and writes the answers that are ready in one turn of the event loop together, at its end. Each write to a socket wakes whoever reads it: between the work of one
 * request and that of the next it wakes a client that has just gone back to sleep, and that costs more than all else the request needs.
 */
export class NodeListener {
  readonly #app: WebApp;
  #ready: Answer[] = [];
  /** When the first of those was ready, on the monotonic clock. */
  #since = 0;
  readonly #writeAll = (): void => {
    const ready = this.#ready;
    this.#ready = [];
    for (const answer of ready) this.#write(answer);
  };

  constructor(app: WebApp) {
    this.#app = app;
  }

  /** Answers one, or hands it to `next` where its path is no route. `waits` says that the client does so with its body. */
  listen(request: IncomingMessage, response: ServerResponse, next?: () => void, waits = false): void {
    const exchange = new NodeExchange(request, response, this.#app.options.prefix, waits);
    if (next !== undefined && !this.#app.has(exchange)) {
      next();
      return;
    }
    this.#app.respond(exchange, reply => this.#take({ exchange, response, reply }));
  }

  #take(answer: Answer): void {
    const now = this.#app.control.clock.monotonic();
    const count = this.#ready.push(answer);
    if (count === 1) {
      this.#since = now;
      setImmediate(this.#writeAll);
    } else if (count === mostTogether || now - this.#since >= longestTogether) this.#writeAll();
  }

  #write({ exchange, response, reply }: Answer): void {
    if (exchange.waits) response.shouldKeepAlive = false;
    writeReply(response, reply, exchange.method, this.#app.options.timeouts.reply);
  }
}
