import { nodeArguments } from "../run/node-arguments.ts";
import { runTarget } from "../run/run-target.ts";
import type { CommandContext } from "../context/command-context.ts";
import type { RunFlags } from "../run/run-target.ts";

/** `sora run [entry-or-folder]`: runs a program, or starts every service of a folder; the exit status is the program's. */
export async function run(context: CommandContext, entry: string | undefined, args: readonly string[], flags: RunFlags): Promise<number> {
  const target = await runTarget(entry, context.cwd);
  return context.launch({ args: nodeArguments(target, args, flags), env: context.env });
}
