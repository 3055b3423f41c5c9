import { WorkContext } from "../actions/work-context.ts";
import type { OutboxMessage } from "./outbox-message.ts";

/** The publishing of one message: part of the processor's run, in the name of whoever wrote the message. */
export class MessageContext extends WorkContext {
  readonly #run: WorkContext;
  #end: AbortController | undefined = undefined;

  constructor(run: WorkContext, { correlationId, metadata }: OutboxMessage) {
    super(run.runtime, run);
    this.#run = run;
    this.ownCorrelationId = correlationId;
    this.ownMetadata = metadata;
  }

  /** The run's, until it gets one {@link ownEnd of its own}. */
  get signal(): AbortSignal {
    return this.#end?.signal ?? this.#run.signal;
  }

  /** What aborts its signal, and that alone, from now on. */
  ownEnd(): AbortController {
    return (this.#end ??= new AbortController());
  }

  /** From the run's scope, which ends with the run. */
  override get inject(): WorkContext["inject"] {
    return this.#run.inject;
  }

  protected override noteProgress(): void {
    this.#run.progress();
  }
}
