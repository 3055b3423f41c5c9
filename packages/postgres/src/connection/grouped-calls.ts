/** What is sent in place of an answer to a call that has to come again, since it would have had to wait. */
export const again: unique symbol = Symbol("again");

export interface GroupedCallsOptions<Call, Answer, Companion = never> {
  /** Sends calls together, in order, and what goes along. Where it rejects, none of them has been done, or it is not known. */
  readonly send: (calls: readonly Call[], companion: Companion | undefined) => Promise<readonly (Answer | typeof again)[]>;
  /** Whether calls that failed together are sent one by one, since one of them may be why. */
  readonly splits: (error: unknown) => boolean;
  /** How much a call adds to its group, such as its number of actions. */
  readonly weight: (call: Call) => number;
  /** A group is not filled any further past this. */
  readonly heaviest: number;
  /** How many groups may be under way at once. */
  readonly flights: number;
  /** From this weight on a group is sent beside another; a lighter one waits for it, and grows. */
  readonly worthwhile: number;
  /** Waits for those whose calls have to come again. */
  readonly pause: () => Promise<void>;
}

interface Waiting<Call, Answer> {
  readonly call: Call;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends what is called at once in one exchange. A lone call goes at once; those that come while it is under way go together when it is back. Calls are sent in the order in which they came,
 * and answered each by itself.
 */
export class GroupedCalls<Call, Answer, Companion = never> {
  readonly #options: GroupedCallsOptions<Call, Answer, Companion>;
  #waiting: Waiting<Call, Answer>[] = [];
  #weight = 0;
  #flying = 0;
  #planned = false;
  #pausing = false;
  #companion: Companion | undefined = undefined;
  readonly #idle: (() => void)[] = [];

  constructor(options: GroupedCallsOptions<Call, Answer, Companion>) {
    this.#options = options;
  }

  add(call: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      this.#weight += this.#options.weight(call);
      this.#pausing = false; // those that have to come again go along
      this.#plan();
    });
  }

  /** Has it go along with calls that leave by themselves, as soon as everybody has called who does so now. False where there are none. */
  accompany(companion: Companion): boolean {
    if (!this.#planned || this.#flying > 0 || !this.#sends() || this.#companion !== undefined) return false;
    this.#companion = companion;
    return true;
  }

  /** Resolves when everything that was added has its answer. */
  async drained(): Promise<void> {
    while (this.#waiting.length > 0 || this.#flying > 0) await new Promise<void>(resolve => this.#idle.push(resolve));
  }

  /** Sends once everybody has called who does so now. */
  #plan(): void {
    if (this.#planned || this.#pausing) return;
    this.#planned = true;
    const send = (): void => {
      this.#planned = false;
      while (this.#sends()) {
        const companion = this.#companion;
        this.#companion = undefined;
        void this.#fly(this.#take(), companion);
      }
    };
    queueMicrotask(() => process.nextTick(send));
  }

  #sends(): boolean {
    if (this.#waiting.length === 0 || this.#pausing) return false;
    return this.#flying === 0 || (this.#flying < this.#options.flights && this.#weight >= this.#options.worthwhile);
  }

  #take(): readonly Waiting<Call, Answer>[] {
    const { weight, heaviest } = this.#options;
    let taken = 0;
    let load = 0;
    while (taken < this.#waiting.length && (taken === 0 || load < heaviest)) load += weight((this.#waiting[taken++] as Waiting<Call, Answer>).call);
    this.#weight -= load;
    return this.#waiting.splice(0, taken);
  }

  async #fly(group: readonly Waiting<Call, Answer>[], companion?: Companion): Promise<void> {
    this.#flying++;
    const back = await this.#exchange(group, companion);
    this.#flying--;
    if (back.length > 0) {
      this.#waiting.unshift(...back);
      for (const { call } of back) this.#weight += this.#options.weight(call);
      if (this.#waiting.length === back.length) await this.#rest();
    }
    this.#plan();
    if (this.#waiting.length === 0 && this.#flying === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Those that have to come again. */
  async #exchange(group: readonly Waiting<Call, Answer>[], companion?: Companion): Promise<readonly Waiting<Call, Answer>[]> {
    try {
      const answers = await this.#options.send(
        group.map(({ call }) => call),
        companion,
      );
      return group.filter((waiting, index) => {
        const answer = answers[index] as Answer | typeof again;
        if (answer === again) return true;
        waiting.resolve(answer);
        return false;
      });
    } catch (error) {
      if (group.length === 1 || !this.#options.splits(error)) {
        for (const { reject } of group) reject(error);
        return [];
      }
      const back: Waiting<Call, Answer>[] = [];
      for (const one of group) back.push(...(await this.#exchange([one])));
      return back;
    }
  }

  async #rest(): Promise<void> {
    this.#pausing = true;
    await this.#options.pause();
    this.#pausing = false;
  }
}
