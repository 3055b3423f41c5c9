import { WorkContext } from "../actions/work-context.ts";
import type { OutboxMessage } from "./outbox-message.ts";

/** The publishing of one message: part of the processor's run, in the name of whoever wrote the message. */
export class MessageContext extends WorkContext {
  readonly #run: WorkContext;
  #end: AbortController | undefined = undefined;
  #signal: AbortSignal | undefined = undefined;

  constructor(run: WorkContext, { correlationId, metadata }: OutboxMessage) {
    super(run.runtime, run);
    this.#run = run;
    this.ownCorrelationId = correlationId;
    this.ownMetadata = metadata;
  }

  get signal(): AbortSignal {
    return (this.#signal ??= AbortSignal.any([this.#run.signal, this.#ownEnd.signal]));
  }

  /** Its time is over. */
  expire(reason: Error): void {
    this.#ownEnd.abort(reason);
  }

  /** From the run's scope, which ends with the run. */
  override get inject(): WorkContext["inject"] {
    return this.#run.inject;
  }

  get #ownEnd(): AbortController {
    return (this.#end ??= new AbortController());
  }

  protected override noteProgress(): void {
    this.#run.progress();
  }
}
