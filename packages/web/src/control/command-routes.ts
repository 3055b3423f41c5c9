import { jsonText, withMember } from "../http/json-text.ts";
import { jsonReply } from "../routing/reply.ts";
import type { CallDesk, Present } from "./call-desk.ts";
import type { Route } from "../routing/route.ts";

/** The reference's commands, and the sentence that tells of each having been carried out. */
const commands = {
  trigger: { summary: "Runs the service now, coalesced with other pokes", message: (name: string) => `Service '${name}' triggered successfully` },
  "check-queue": {
    summary: "Has the service look for work now, coalesced with other pokes",
    message: (name: string) => `Service '${name}' queue check triggered`,
  },
  "process-batch": { summary: "Has the service process one batch", message: (name: string) => `Service '${name}' batch processed` },
} as const;

export function commandRoutes(desk: CallDesk): Route[] {
  return (Object.keys(commands) as (keyof typeof commands)[]).map(command => ({
    method: "POST",
    path: `/api/services/:service/${command}`,
    scope: "operate",
    summary: commands[command].summary,
    body: true,
    handle: exchange => desk.answer(exchange, command, presentAs(commands[command].message), "here"),
  }));
}

/** `{ message, correlationId, result? }` */
function presentAs(message: (name: string) => string): Present {
  return (result, correlationId, { name }) => {
    const head = JSON.stringify({ message: message(name), correlationId });
    return jsonReply(withMember(head, "result", jsonText(result)), { "x-correlation-id": correlationId });
  };
}
