import type { HostControl } from "@sora/core/adapter";
import { readJson } from "../http/json-body.ts";
import { json } from "../routing/reply.ts";
import { callOptionsOf } from "./call-options-of.ts";
import { acceptLater, wantsLater } from "./accepted-calls.ts";
import { serviceOf } from "./service-of.ts";
import type { RoutedExchange } from "../routing/exchange.ts";
import type { Reply } from "../routing/reply.ts";
import type { Route } from "../routing/route.ts";
import type { ResolvedWebOptions } from "../web-options.ts";

/** The reference's commands, and the sentence that tells of each having been carried out. */
const commands = {
  trigger: { summary: "Runs the service now, coalesced with other pokes", message: (name: string) => `Service '${name}' triggered successfully` },
  "check-queue": { summary: "Has the service look for work now, coalesced with other pokes", message: (name: string) => `Service '${name}' queue check triggered` },
  "process-batch": { summary: "Has the service process one batch", message: (name: string) => `Service '${name}' batch processed` },
} as const;

export function commandRoutes(control: HostControl, options: ResolvedWebOptions): Route[] {
  return (Object.keys(commands) as (keyof typeof commands)[]).map(command => ({
    method: "POST",
    path: `/api/services/:service/${command}`,
    scope: "operate",
    summary: commands[command].summary,
    body: true,
    handle: exchange => send(control, options, exchange, command),
  }));
}

async function send(control: HostControl, options: ResolvedWebOptions, exchange: RoutedExchange, command: keyof typeof commands): Promise<Reply> {
  const { request } = exchange;
  const service = serviceOf(control, exchange);
  const parameters = await readJson(request, options.limits);
  const later = wantsLater(request);
  const call = callOptionsOf(control, request, !later);
  const { correlationId } = call;
  const result = service.call(command, parameters, call);
  if (later) return acceptLater(control, `${service.name}.${command}`, correlationId, result);
  const answer = await result;
  return json({ message: commands[command].message(service.name), correlationId, ...(answer === undefined ? undefined : { result: answer }) }, 200, { "x-correlation-id": correlationId });
}
