import type { EventEmitter } from "node:events";

const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Whoever sends a signal to a group of processes, and to one that passes it on, means one. */
const sameSignalWithin = 500;

/**
 * Takes this process's signals, instead of ending by them, and hands each on once: the same one again within half a second is the same. `delivered` tells that the child has it
 * already: Ctrl-C reaches every process of a terminal, and a second SIGINT would have a host end at once. Returns how to stop.
 */
export function forwardSignals(
  source: Pick<EventEmitter, "on" | "off">,
  terminal: boolean,
  hand: (signal: NodeJS.Signals, delivered: boolean) => void,
  now: () => number = () => performance.now(),
): () => void {
  let last: { readonly name: string; readonly at: number } | undefined;
  const forward = (name: NodeJS.Signals): void => {
    const repeated = last?.name === name && now() - last.at < sameSignalWithin;
    if (repeated) return;
    last = { name, at: now() };
    hand(name, terminal && name === "SIGINT");
  };
  for (const name of names) source.on(name, forward);
  return () => {
    for (const name of names) source.off(name, forward);
  };
}
