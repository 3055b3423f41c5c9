/** What came of asking a host over HTTP, from outside, while it was stopping. */
export interface OutsideLoadReport {
  /** Calls that were answered with their result. */
  readonly answered: number;
  /** Calls that were refused with a code, or found nobody any more, after readiness said no. */
  readonly refused: number;
  /** Anything else, in words. */
  readonly wrong: readonly string[];
  /** What each stream of events brought. */
  readonly streams: readonly string[];
  /** How readiness was, in order, without repetitions. */
  readonly readiness: readonly (number | "gone")[];
}

interface OutsideLoadOptions {
  readonly url: string;
  readonly token: string;
  /** Paths. */
  readonly call: string;
  readonly events: string;
  readonly callers: number;
  readonly streams: number;
}

/** Callers, streams of events and a probe of readiness, which go on until the host has refused each or is gone. */
export class OutsideLoad {
  readonly #options: OutsideLoadOptions;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #readiness: (number | "gone")[] = [];
  readonly #wrong: string[] = [];
  #answered = 0;
  #refused = 0;
  #running: Promise<OutsideLoadReport> | undefined = undefined;

  constructor(options: OutsideLoadOptions) {
    this.#options = options;
    this.#headers = { authorization: `Bearer ${options.token}`, "content-type": "application/json" };
  }

  /** Resolves when every stream is open and every caller has had an answer. */
  async begin(): Promise<void> {
    const { url, events, callers, streams } = this.#options;
    const opened = await Promise.all(Array.from({ length: streams }, () => fetch(`${url}${events}`, { headers: this.#headers })));
    const read = opened.map(stream => stream.text().catch((error: unknown) => `broken off: ${String(error)}`));
    const first = Array.from({ length: callers }, () => Promise.withResolvers<void>());
    const calling = first.map(({ resolve }, caller) => this.#caller(caller, resolve));
    const probing = this.#probe();
    this.#running = (async () => {
      await Promise.all([...calling, probing]);
      return { answered: this.#answered, refused: this.#refused, wrong: this.#wrong, streams: await Promise.all(read), readiness: this.#readiness };
    })();
    await Promise.all(first.map(({ promise }) => promise));
  }

  /** Resolves when nothing is answered any more. */
  ended(): Promise<OutsideLoadReport> {
    if (this.#running === undefined) throw new Error("begin() comes first");
    return this.#running;
  }

  async #caller(caller: number, onAnswer: () => void): Promise<void> {
    const { url, call } = this.#options;
    for (;;) {
      const mayBeGone = this.#readiness.includes(503);
      let seen: string;
      try {
        const response = await fetch(`${url}${call}`, { method: "POST", headers: this.#headers, body: String(caller) });
        const answer = (await response.json()) as { result?: unknown; code?: string };
        if (response.status === 200 && answer.result === caller) {
          this.#answered++;
          onAnswer();
          continue;
        }
        seen = `${response.status} ${answer.code ?? JSON.stringify(answer)}`;
        if (seen === "503 SORA_HOST_UNREADY") {
          this.#refused++;
          const probe = await this.#ready();
          if (probe === 200) this.#wrong.push("a call was refused, and readiness asked for after it was 200");
          return;
        }
      } catch (error) {
        seen = String((error as Error).cause ?? error);
        if (mayBeGone) {
          this.#refused++;
          return;
        }
      }
      this.#wrong.push(seen);
      return;
    }
  }

  async #probe(): Promise<void> {
    while (this.#readiness.at(-1) !== "gone") {
      const seen = await this.#ready();
      if (seen !== this.#readiness.at(-1)) this.#readiness.push(seen);
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }

  async #ready(): Promise<number | "gone"> {
    try {
      const response = await fetch(`${this.#options.url}/health/ready`);
      await response.body?.cancel();
      return response.status;
    } catch {
      return "gone";
    }
  }
}
