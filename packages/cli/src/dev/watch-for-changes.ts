import { basename, relative, sep } from "node:path";
import { watch } from "chokidar";
import type { Clock, ClockTimer } from "@sora/core/adapter";

/** A burst of writes, such as an editor's and then a formatter's, is one change. */
const quietFor = 60;

const unwatched = /^(?:node_modules|dist|out|coverage|\..+)$/;

export interface ChangeWatch {
  /** Resolves once changes in the folders are seen, and of the files added by then. */
  readonly ready: Promise<unknown>;
  /** Watches one file more; one that does not exist yet is seen when it appears. */
  add(file: string): void;
  close(): Promise<void>;
}

export interface WatchedFolder {
  readonly folder: string;
  /** Names of the files in it that count, those to come among them. */
  readonly names: RegExp;
  /** Whether folders in it count too. */
  readonly deep: boolean;
}

/** Tells of changed files, a burst at a time: those added, and those in `folders` by name. However they were saved: written, or replaced by a rename. */
export function watchForChanges(folders: readonly WatchedFolder[], clock: Clock, onChange: (file: string) => void): ChangeWatch {
  let timer: ClockTimer | undefined;
  const changed = (_: unknown, file: string): void => {
    timer?.cancel();
    timer = clock.setTimer(() => onChange(file), quietFor);
  };
  const files = watch([], { ignoreInitial: true, backend: "native" }).on("all", changed);
  const others = folders.map(({ folder, names, deep }) =>
    watch(folder, {
      ignoreInitial: true,
      ...(deep ? undefined : { depth: 0 }),
      ignored: (path, stats) => {
        const inside = relative(folder, path).split(sep);
        return inside.some(part => unwatched.test(part) && part !== ".." && part !== "") || (stats?.isFile() === true && !names.test(basename(path)));
      },
    }).on("all", (event, file) => {
      if (names.test(basename(file))) changed(event, file);
    }),
  );
  const known = new Set<string>();
  return {
    ready: Promise.all([files, ...others].map(watcher => new Promise<void>(resolve => watcher.once("ready", resolve)))),
    add: file => {
      if (known.has(file)) return;
      known.add(file);
      files.add(file);
    },
    close: async () => {
      timer?.cancel();
      await Promise.all([files, ...others].map(watcher => watcher.close()));
    },
  };
}
