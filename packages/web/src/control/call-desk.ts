import { SoraError } from "@sora/core";
import type { CallOptions, HostControl, ServiceControl } from "@sora/core/adapter";
import { HttpProblem } from "../http/http-problem.ts";
import { withJson } from "../http/json-body.ts";
import { toProblem } from "../http/to-problem.ts";
import { AcceptedCalls, wantsLater } from "./accepted-calls.ts";
import { callOptionsOf } from "./call-options-of.ts";
import { idempotencyKey, IdempotentCalls } from "./idempotent-calls.ts";
import { serviceOf } from "./service-of.ts";
import { refuseStoredOptions, storeCall } from "./store-call.ts";
import type { AuditLog } from "../security/audit-log.ts";
import type { BodyLimits } from "../http/json-body.ts";
import type { RoutedExchange } from "../routing/exchange.ts";
import type { Reply } from "../routing/reply.ts";

/** What becomes of a call that is not waited for: it is stored, to happen whatever becomes of this process, or it goes on here. */
type Later = "stored" | "here";

/** Makes the answer of what an action returned. */
export type Present = (result: unknown, correlationId: string, service: ServiceControl) => Reply;

/**
 * Takes calls of actions and commands in: the body as parameters, correlation and trace; the caller's going away cancels the call, unless the caller does not wait (`Prefer: respond-async`) or
 * means to ask again (`Idempotency-Key`). An action that is not waited for is stored; a command is for now and for this process.
 */
export class CallDesk {
  readonly accepted: AcceptedCalls;
  readonly #control: HostControl;
  readonly #limits: BodyLimits;
  readonly #idempotent: IdempotentCalls;
  readonly #audit: AuditLog;

  constructor(control: HostControl, limits: BodyLimits, audit: AuditLog) {
    this.#control = control;
    this.#limits = limits;
    this.#audit = audit;
    this.accepted = new AcceptedCalls(control);
    this.#idempotent = new IdempotentCalls(control.clock);
  }

  /** @throws HttpProblem, at once or later, for whatever is wrong with the request. */
  answer(exchange: RoutedExchange, action: string, present: Present, later: Later): Promise<Reply> {
    const service = serviceOf(this.#control, exchange);
    return withJson(exchange.request, this.#limits, parameters => this.#call(exchange, service, action, parameters, present, later));
  }

  #call(exchange: RoutedExchange, service: ServiceControl, action: string, parameters: unknown, present: Present, later: Later): Promise<Reply> {
    const { request, principal } = exchange;
    const key = idempotencyKey(request);
    const waits = !wantsLater(request);
    const options = callOptionsOf(this.#control, request, waits && key === undefined ? request.signal : undefined);
    if (waits && later === "stored") refuseStoredOptions(exchange);
    if (waits && key === undefined) return call(service, action, parameters, options, present);
    const store = (): Promise<Reply> => storeCall(exchange, service, action, parameters, options, key);
    const isStored = !waits && later === "stored";
    let hasBegun = false;
    const run = (): Promise<Reply> => {
      const noting = { ...options, began: () => void (hasBegun = true) };
      return waits ? call(service, action, parameters, noting, present) : this.#accept(exchange, service, action, parameters, options);
    };
    if (key === undefined) return isStored ? store() : run();
    const id = `${service.name}/${action}/${key}\n${principal.name}`;
    // A stored call's key is the store's, which keeps it for as long as the action. Here it only ties the call to those of the same key that are waited for, so that both do not run.
    if (isStored || this.#idempotent.isStored(id)) return this.#idempotent.stored(id, parameters, store);
    // What an error says is no sign that nothing has run: the action may have had it from a call of its own.
    return this.#idempotent.once(id, parameters, run, error => !hasBegun || isRefusedRun(later, service, error));
  }

  async #accept(
    { request, principal }: RoutedExchange,
    service: ServiceControl,
    action: string,
    parameters: unknown,
    options: CallOptions & { readonly correlationId: string },
  ): Promise<Reply> {
    const call = { service: service.name, action, correlationId: options.correlationId };
    return this.accepted.accept(
      request,
      call,
      () => service.call(action, parameters, options),
      (accepted, code) => this.#audit.ended(principal, accepted, code),
    );
  }
}

/** A command is begun before its service says whether it can run here and now. */
function isRefusedRun(later: Later, { name }: ServiceControl, error: unknown): boolean {
  const cause = error instanceof HttpProblem ? error.cause : error;
  const isRefusal = SoraError.is(cause, "SORA_SERVICE_UNAVAILABLE") || SoraError.is(cause, "SORA_HOST_NOT_RUNNING");
  return later === "here" && isRefusal && cause.details["service"] === name;
}

/** Written with `then`, like the rest of the way of a call that uses nothing special: each async function in it would cost as much as its work. */
function call(
  service: ServiceControl,
  action: string,
  parameters: unknown,
  options: CallOptions & { readonly correlationId: string },
  present: Present,
): Promise<Reply> {
  const { correlationId } = options;
  const fail = (error: unknown): never => {
    throw toProblem(error, { service: service.name, action, correlationId });
  };
  return service.call(action, parameters, options).then(result => {
    try {
      return present(result, correlationId, service);
    } catch (error) {
      return fail(error);
    }
  }, fail);
}
