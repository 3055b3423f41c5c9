import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { dirname, relative } from "node:path";
import { devStep } from "../dev/dev-step.ts";
import { watchForChanges } from "../dev/watch-for-changes.ts";
import { exitStatus } from "../run/exit-status.ts";
import { forwardSignals } from "../run/forward-signals.ts";
import { nodeArguments, ownModule } from "../run/node-arguments.ts";
import { runTarget } from "../run/run-target.ts";
import { paintFor } from "../output/paint.ts";
import type { DevInput, DevState } from "../dev/dev-step.ts";
import type { LoadedFile } from "../dev/report-loaded-files.ts";
import type { WatchedFolder } from "../dev/watch-for-changes.ts";
import type { CommandContext } from "../context/command-context.ts";
import type { RunFlags, RunTarget } from "../run/run-target.ts";

/** A host ends within 25 s by itself; what has not by then is ended. */
const endsWithin = 30_000;

/** `sora dev [entry-or-folder]`: runs as `sora run` does, and again whenever a file it has loaded, a settings file, or a service of the folder changes. */
export async function dev(context: CommandContext, entry: string | undefined, args: readonly string[], flags: RunFlags): Promise<number> {
  const { clock, cwd, env, stderr } = context;
  const paint = paintFor(stderr, env);
  const target = await runTarget(entry, cwd);
  const nodeArgs = nodeArguments(target, args, flags, [ownModule("../dev/report-loaded-files.ts")]);
  const watch = watchForChanges(foldersOf(target, cwd), clock, file => step({ kind: "changed", file: relative(cwd, file) }));
  const ended = Promise.withResolvers<number>();
  let state: DevState = { phase: "running" };
  let child: ChildProcess | undefined;

  const start = (): void => {
    const started = spawn(process.execPath, nodeArgs, { cwd, env: { ...env }, stdio: ["inherit", "inherit", "inherit", "ipc"] });
    child = started;
    started.on("message", message => {
      if (isLoadedFile(message)) watch.add(message.file);
    });
    started.once("error", ended.reject);
    started.once("close", (code, signal) => step({ kind: "exited", status: exitStatus(code, signal) }));
  };
  const signal = (name: NodeJS.Signals): void => {
    const asked = child;
    asked?.kill(name);
    const limit = clock.setTimer(() => asked?.kill("SIGKILL"), endsWithin, true);
    asked?.once("close", () => limit.cancel());
  };
  function step(input: DevInput): void {
    const next = devStep(state, input);
    state = next.state;
    for (const effect of next.effects) {
      if (effect.kind === "start") start();
      else if (effect.kind === "signal") signal(effect.signal);
      else if (effect.kind === "say") stderr.write(`${paint("dim", `sora: ${effect.text}`)}\n`);
      else ended.resolve(effect.status);
    }
  }

  const letGo = forwardSignals(process, context.stdin.isTTY === true, (name, delivered) => step({ kind: "asked", signal: name, delivered }));
  try {
    start();
    return await ended.promise;
  } finally {
    letGo();
    await watch.close();
  }
}

const settings = /^(?:appsettings(?:\.[\w.-]+)?\.json|sora\.config\.m?[jt]s)$/;
const services = /\.service\.m?[jt]s$/;

/** Where files that are not loaded yet may appear. */
function foldersOf(target: RunTarget, cwd: string): readonly WatchedFolder[] {
  if (target.kind === "folder") {
    return [
      { folder: target.folder, names: services, deep: true },
      { folder: target.contentRoot, names: settings, deep: false },
    ];
  }
  return [...new Set([cwd, dirname(target.file)])].map(folder => ({ folder, names: settings, deep: false }));
}

function isLoadedFile(message: unknown): message is LoadedFile {
  return typeof message === "object" && message !== null && (message as Partial<LoadedFile>).sora === "loaded";
}
