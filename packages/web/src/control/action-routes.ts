import { refusal } from "../http/http-problem.ts";
import { jsonText } from "../http/json-text.ts";
import { jsonReply } from "../routing/reply.ts";
import { nameFrom } from "./service-of.ts";
import { storedCallNames } from "./store-call.ts";
import type { CallDesk } from "./call-desk.ts";
import type { Reply } from "../routing/reply.ts";
import type { Route } from "../routing/route.ts";

/** Calls of actions, and what became of commands whose caller did not wait. */
export function actionRoutes(desk: CallDesk): Route[] {
  return [
    {
      method: "POST",
      path: "/api/services/:service/actions/:action",
      scope: "operate",
      summary: "Calls an action; the body is its parameters",
      query: storedCallNames,
      body: true,
      handle: exchange => desk.answer(exchange, nameFrom(exchange, "action"), present, "stored"),
    },
    {
      method: "GET",
      path: "/api/calls/:id",
      scope: "read",
      summary: "What became of a command that was answered with 202",
      handle: exchange => {
        const reply = desk.accepted.find(nameFrom(exchange, "id"));
        if (reply === undefined) throw refusal("SORA_CALL_UNKNOWN", "There is no such call, or it is no longer kept.");
        return reply;
      },
    },
  ];
}

/** `{ result, correlationId }`; an action that returns nothing has no `result`. */
function present(result: unknown, correlationId: string): Reply {
  const text = jsonText(result);
  const id = JSON.stringify(correlationId);
  return jsonReply(text === undefined ? `{"correlationId":${id}}` : `{"result":${text},"correlationId":${id}}`, { "x-correlation-id": correlationId });
}
