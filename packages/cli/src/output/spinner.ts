import { duration } from "./ages.ts";
import type { CommandContext } from "../context/command-context.ts";
import type { Paint } from "./paint.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/** What is done sooner needs no sign of life. */
const patience = 300;

/** Shows on the terminal that `work` goes on, and how long it has; nothing where standard error is none. Settles as `work` does. */
export async function withSpinner<T>(label: string, { stderr, clock }: CommandContext, paint: Paint, work: Promise<T>): Promise<T> {
  if (stderr.isTTY !== true) return work;
  const began = clock.monotonic();
  let frame = 0;
  let shown = false;
  const show = (): void => {
    shown = true;
    stderr.write(`\r\u001B[2K${paint("cyan", frames[frame++ % frames.length]!)} ${label} ${paint("dim", duration(clock.monotonic() - began))}`);
    timer = clock.setTimer(show, 100, true);
  };
  let timer = clock.setTimer(show, patience, true);
  try {
    return await work;
  } finally {
    timer.cancel();
    if (shown) stderr.write("\r\u001B[2K");
  }
}
