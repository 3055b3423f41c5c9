import { AsyncResource } from "node:async_hooks";
import type { IncomingMessage, ServerResponse } from "node:http";
import { NodeExchange } from "./node-exchange.ts";
import { writeReply } from "./write-reply.ts";
import type { FinalReply } from "../routing/reply.ts";
import type { WebApp } from "../web-app.ts";

/** So many answers wait for each other at most, */
const mostTogether = 64;
/** and so many milliseconds, where the requests behind them take long. */
const longestTogether = 1;
/** Taken at the start, since a test's fake timers put one in its place that waits for the test: nobody would be answered. */
const atEndOfTurn = setImmediate;
const contextOptions = { requireManualDestroy: true } as const;

interface Answer {
  readonly exchange: NodeExchange;
  readonly response: ServerResponse;
  readonly reply: FinalReply;
  /** Where the request's own async context is kept, for what a program has hung on its response. */
  readonly context: AsyncResource;
}

/**
 * Answers the requests of Node servers, and writes the answers that are ready in one turn of the event loop together, at its end. Each write to a socket wakes whoever reads it: between the work of one
 * request and that of the next it wakes a client that has just gone back to sleep, and that costs more than all else the request needs. Once the host stops each is written at once: the
 * process may end with it.
 */
export class NodeListener {
  readonly #app: WebApp;
  #ready: Answer[] = [];
  /** When the first of those was ready, on the monotonic clock. */
  #since = 0;
  readonly #writeAll = (): void => {
    const ready = this.#ready;
    this.#ready = [];
    for (const answer of ready) answer.context.runInAsyncScope(this.#write, this, answer);
  };

  constructor(app: WebApp) {
    this.#app = app;
    app.control.lifetime.stopping.addEventListener("abort", this.#writeAll, { once: true });
  }

  /** Answers one, or hands it to `next` where its path is no route. `waits` says that the client does so with its body. */
  listen(request: IncomingMessage, response: ServerResponse, next?: () => void, waits = false): void {
    const exchange = new NodeExchange(request, response, this.#app.options.prefix, waits);
    if (next !== undefined && !this.#app.has(exchange)) {
      next();
      return;
    }
    this.#app.respond(exchange, reply => this.#take({ exchange, response, reply, context: new AsyncResource("SORA", contextOptions) }));
  }

  #take(answer: Answer): void {
    const { clock, lifetime } = this.#app.control;
    if (lifetime.stopping.aborted) {
      this.#write(answer);
      return;
    }
    const now = clock.monotonic();
    const count = this.#ready.push(answer);
    if (count === 1) {
      this.#since = now;
      atEndOfTurn(this.#writeAll);
    } else if (count === mostTogether || now - this.#since >= longestTogether) this.#writeAll();
  }

  #write({ exchange, response, reply }: Answer): void {
    if (exchange.waits) response.shouldKeepAlive = false;
    writeReply(response, reply, exchange.method, this.#app.options.timeouts.reply);
  }
}
