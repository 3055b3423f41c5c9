import type { Clock, ClockTimer } from "../time/clock.ts";
import { parseDuration } from "../time/duration.ts";
import type { Duration } from "../time/duration.ts";

/** A watch that goes on until it is closed. */
export interface FileWatch extends AsyncDisposable {
  /** Ends the watch; no call follows. Closing again waits for the same end. */
  close(): Promise<void>;
}

export interface WatchFilesOptions {
  readonly clock: Clock;
  /** How long the files must be quiet before the call; 100 ms by default. */
  readonly debounce?: Duration;
  /** Told when the operating system cannot watch; the watch may then miss changes. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Calls `onChange` once after each burst of changes to any of `files`: written, replaced by a rename, deleted, or created
 * later. Resolves once changes are seen. The watch does not hold the process open. Loads chokidar when first called.
 */
export async function watchFiles(files: readonly string[], onChange: () => void, options: WatchFilesOptions): Promise<FileWatch> {
  const { clock, onError } = options;
  const quiet = parseDuration(options.debounce ?? 100, "debounce");
  if (files.length === 0) return { close: async () => {}, [Symbol.asyncDispose]: async () => {} };
  const { watch } = await import("chokidar");
  // one subscription for each file and its folder: the recursive default of some systems would watch all that is in the folder
  const watcher = watch([...files], { persistent: false, ignoreInitial: true, backend: "native" });
  let timer: ClockTimer | undefined;
  watcher.on("all", () => {
    timer?.cancel();
    timer = clock.setTimer(onChange, quiet, true);
  });
  await new Promise<void>(resolve => {
    watcher.on("error", error => {
      onError?.(error);
      resolve();
    });
    watcher.on("ready", resolve);
  });
  const close = async (): Promise<void> => {
    timer?.cancel();
    await watcher.close();
    timer?.cancel(); // an event may have come in while it closed
  };
  return { close, [Symbol.asyncDispose]: close };
}
