import type { HostControl } from "@sora/core/adapter";
import { HttpProblem } from "../http/http-problem.ts";
import { readJson } from "../http/json-body.ts";
import { json } from "../routing/reply.ts";
import { acceptedCall, acceptLater, wantsLater } from "./accepted-calls.ts";
import { callOptionsOf } from "./call-options-of.ts";
import { nameFrom, serviceOf } from "./service-of.ts";
import type { RoutedExchange } from "../routing/exchange.ts";
import type { Reply } from "../routing/reply.ts";
import type { Route } from "../routing/route.ts";
import type { ResolvedWebOptions } from "../web-options.ts";

/** Calls of actions, and what became of those whose caller did not wait. */
export function actionRoutes(control: HostControl, options: ResolvedWebOptions): Route[] {
  return [
    {
      method: "POST",
      path: "/api/services/:service/actions/:action",
      scope: "operate",
      summary: "Calls an action; the body is its parameters",
      body: true,
      handle: exchange => call(control, options, exchange),
    },
    {
      method: "GET",
      path: "/api/calls/:id",
      scope: "read",
      summary: "What became of a call that was answered with 202",
      handle: exchange => {
        const reply = acceptedCall(control, nameFrom(exchange, "id"));
        if (reply === undefined) throw new HttpProblem(404, "SORA_ROUTE_UNKNOWN", "There is no such call, or it is no longer kept.");
        return reply;
      },
    },
  ];
}

async function call(control: HostControl, options: ResolvedWebOptions, exchange: RoutedExchange): Promise<Reply> {
  const { request } = exchange;
  const service = serviceOf(control, exchange);
  const action = nameFrom(exchange, "action");
  const parameters = await readJson(request, options.limits);
  const later = wantsLater(request);
  const callOptions = callOptionsOf(control, request, !later);
  const result = service.call(action, parameters, callOptions);
  if (later) return acceptLater(control, `${service.name}.${action}`, callOptions.correlationId, result);
  return json({ result: await result, correlationId: callOptions.correlationId }, 200, { "x-correlation-id": callOptions.correlationId });
}
