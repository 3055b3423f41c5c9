/** Where `sora dev` stands. */
export type DevState =
  | { readonly phase: "running" }
  /** The program has been asked to end, and starts again when it has. */
  | { readonly phase: "restarting" }
  /** The program has ended by itself, and starts again at the next change. */
  | { readonly phase: "waiting" }
  /** The program has been asked to end, and `sora dev` ends with it. */
  | { readonly phase: "ending" };

export type DevInput =
  | { readonly kind: "changed"; readonly file: string }
  | { readonly kind: "exited"; readonly status: number }
  /** `sora dev` is asked to end; the terminal may have delivered the signal to the program too. */
  | { readonly kind: "asked"; readonly signal: NodeJS.Signals; readonly delivered: boolean };

export type DevEffect =
  | { readonly kind: "start" }
  | { readonly kind: "signal"; readonly signal: NodeJS.Signals }
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "end"; readonly status: number };

export interface DevStep {
  readonly state: DevState;
  readonly effects: readonly DevEffect[];
}

/** What follows from an input. A change asks the program to end as a stop does, so that what is under way finishes; changes meanwhile are one. */
export function devStep(state: DevState, input: DevInput): DevStep {
  switch (input.kind) {
    case "changed": {
      const say: DevEffect = { kind: "say", text: `${input.file} changed, starting again` };
      if (state.phase === "running") return { state: { phase: "restarting" }, effects: [say, { kind: "signal", signal: "SIGTERM" }] };
      if (state.phase === "waiting") return { state: { phase: "running" }, effects: [say, { kind: "start" }] };
      return { state, effects: [] };
    }
    case "exited":
      if (state.phase === "restarting") return { state: { phase: "running" }, effects: [{ kind: "start" }] };
      if (state.phase === "ending") return { state, effects: [{ kind: "end", status: input.status }] };
      return { state: { phase: "waiting" }, effects: [{ kind: "say", text: `ended with status ${input.status}; it starts again when a file changes` }] };
    case "asked":
      if (state.phase === "waiting") return { state: { phase: "ending" }, effects: [{ kind: "end", status: 0 }] };
      // a program that has been asked to end takes a second signal for an order to end at once
      if (state.phase === "restarting") return { state: { phase: "ending" }, effects: [] };
      return { state: { phase: "ending" }, effects: input.delivered ? [] : [{ kind: "signal", signal: input.signal }] };
  }
}
