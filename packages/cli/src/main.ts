import { processContext } from "./context/process-context.ts";
import { runSora } from "./run-sora.ts";

/** What `sora` does as a process of its own: the arguments, streams and variables are the process's, and so is the exit status. */
export async function main(): Promise<void> {
  // whoever read the output has read enough: `sora events | head`
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      throw error;
    });
  }
  process.exitCode = await runSora(process.argv.slice(2), processContext());
}
