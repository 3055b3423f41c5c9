import type { HttpProblem } from "../http/http-problem.ts";
import type { Exchange, RoutedExchange } from "./exchange.ts";
import type { FinalReply, Reply } from "./reply.ts";
import type { Scope } from "../security/principal.ts";

/** One row of the route table: what the server answers, who may ask, and what the contract says of it. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Segments with `:name` for what varies. */
  readonly path: string;
  /** Whether what varies may be any text that somebody chose, so that it may hold a slash, sent as `%2F`. */
  readonly anyText?: boolean;
  /** What a caller must be allowed; `open` routes ask nobody. */
  readonly scope: Scope;
  /** One sentence for contracts and the status page. */
  readonly summary: string;
  /** Parameters that the query may have, each once. Any other is refused, but on open routes, which pass the query over. */
  readonly query?: readonly string[];
  /** Whether the route takes a JSON body. */
  readonly body?: boolean;
  handle(exchange: RoutedExchange): Reply | Promise<Reply>;
  /** How a refusal is shown to whom a problem document says nothing; `undefined` where it says enough. */
  refuse?(request: Exchange, problem: HttpProblem): FinalReply | undefined;
}
