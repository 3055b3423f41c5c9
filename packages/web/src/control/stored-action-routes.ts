import { actionStates, isRetryable, redactText, redactValue, SoraError } from "@sora/core/adapter";
import type { HostControl } from "@sora/core/adapter";
import type { ActionReceipt, ActionState, ActionStatus, ActionStatusPage } from "@sora/core";
import { refusal } from "../http/http-problem.ts";
import { jsonText, withMember } from "../http/json-text.ts";
import { json, jsonReply } from "../routing/reply.ts";
import { limitFrom, nameIn, unusable } from "../routing/read-query.ts";
import { showsParameters, storedServiceName } from "./stored-names.ts";
import type { CancelAnswer, RetryAnswer } from "../answers/action-answers.ts";
import type { RoutedExchange } from "../routing/exchange.ts";
import type { Reply } from "../routing/reply.ts";
import type { Route } from "../routing/route.ts";

/** Stored actions, whoever stored them: the list, one of them, and what can be done about it. Questions never make a store that is not there. */
export function storedActionRoutes(control: HostControl): Route[] {
  return [
    {
      method: "GET",
      path: "/api/actions",
      scope: "read",
      summary: "Lists stored actions, the last stored first, by state, service and action",
      query: ["state", "service", "action", "limit", "cursor"],
      handle: async ({ query: { state, service, action, limit, cursor } }) => {
        const filter = {
          ...(state === undefined ? undefined : { state: stateFrom(state) }),
          ...(service === undefined ? undefined : { service: storedServiceName(control, nameIn("service", service)) }),
          ...(action === undefined ? undefined : { action: nameIn("action", action) }),
          ...(cursor === undefined ? undefined : { cursor }),
          limit: limitFrom(limit),
        };
        if (!control.hasStore()) return json<ActionStatusPage>({ actions: [] });
        const { actions, next } = await control.actions.list(filter);
        return json<ActionStatusPage>({ actions: actions.map(shownAction), ...(next === undefined ? undefined : { next }) });
      },
    },
    {
      method: "GET",
      path: "/api/actions/:id",
      scope: "read",
      summary: "Where a stored action, or a chain, stands, and its result once it has one",
      handle: async exchange => {
        const receipt = control.actions.receipt(storedId(control, exchange));
        const status = await receipt.status();
        const isVisible = showsParameters(control, status.service, status.action);
        const parameters = isVisible ? jsonText(redactValue("", await control.actions.parameters(status.id))) : undefined;
        const result = status.state === "completed" ? await resultText(receipt) : undefined;
        return jsonReply(withMember(withMember(JSON.stringify(shownAction(status)), "parameters", parameters), "result", result));
      },
    },
    {
      method: "POST",
      path: "/api/actions/:id/cancel",
      scope: "operate",
      summary: "Cancels a stored action, or what is left of a chain: what waits never begins, what runs has its signal aborted",
      handle: async exchange => {
        const id = storedId(control, exchange);
        const outcome = await control.actions.cancel(id);
        if (outcome === "unknown") throw notStored(id);
        return json<CancelAnswer>({ id, outcome });
      },
    },
    {
      method: "POST",
      path: "/api/actions/:id/retry",
      scope: "operate",
      summary: "Has a dead, cancelled or failed action tried again now, with all its attempts",
      handle: async (exchange): Promise<Reply> => {
        const id = storedId(control, exchange);
        const before = await control.actions.retry(id);
        return json<RetryAnswer>({ id, before, retried: isRetryable(before) });
      },
    },
  ];
}

/** Nothing where some step of a chain, which has completed since, is no longer kept, and its result with it. */
async function resultText(receipt: ActionReceipt): Promise<string | undefined> {
  try {
    return jsonText(await receipt.result());
  } catch (error) {
    if (SoraError.is(error, "SORA_ACTION_NOT_STORED")) return undefined;
    throw error;
  }
}

/** What may be seen of a stored action: not what it was called with, which is asked for by itself where its definition allows that, and no secrets in what became of it. */
export function shownAction(status: ActionStatus): ActionStatus {
  const { error, progress } = status;
  return {
    ...status,
    ...(error === undefined ? undefined : { error: { ...error, message: redactText(error.message) } }),
    ...(progress === undefined ? undefined : { progress: redactValue("", progress) }),
  };
}

/** The id in the path. @throws HttpProblem 400 for what can be none; SoraError `SORA_ACTION_NOT_STORED` where nothing is stored at all. */
function storedId(control: HostControl, { parameters: { id = "" } }: RoutedExchange): string {
  if (!/^[\w.~-]{1,200}$/.test(id)) throw refusal("SORA_REQUEST_INVALID", 'The id in the path is not 1 to 200 letters, digits, "-", "_", "." or "~".');
  if (!control.hasStore()) throw notStored(id, ": nothing is stored on this host");
  return id;
}

function notStored(id: string, why = ""): SoraError {
  return new SoraError("SORA_ACTION_NOT_STORED", `There is no stored action "${id.slice(0, 80)}"${why}.`);
}

function stateFrom(state: string): ActionState {
  const found = actionStates.find(one => one === state);
  if (found === undefined) throw unusable("state", `it is one of ${actionStates.join(", ")}`);
  return found;
}
