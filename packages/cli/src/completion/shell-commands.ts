import type { Command } from "commander";
import type { Acting } from "../commands/asking.ts";
import type { GlobalFlags } from "../commands/global-flags.ts";
import type { Session } from "../commands/session.ts";

/** The commands for the shell: the script that it completes by, and what that script asks, which no help shows. */
export function addShellCommands(program: Command, acting: Acting, session: (flags: GlobalFlags) => Promise<Session>): void {
  acting<GlobalFlags, ["bash" | "zsh" | "fish"]>(
    program
      .command("completion")
      .description("Print the completion script of a shell.")
      .addArgument(program.createArgument("<shell>", "for which shell").choices(["bash", "zsh", "fish"]))
      .addHelpText(
        "after",
        '\nbash: eval "$(sora completion bash)" in ~/.bashrc\nzsh:  eval "$(sora completion zsh)" in ~/.zshrc\nfish: sora completion fish > ~/.config/fish/completions/sora.fish',
      ),
    async ({ stdout }, _, shell) => {
      stdout.write((await import("./completion-script.ts")).completionScript(shell));
      return 0;
    },
  );
  acting<GlobalFlags, [string[]]>(
    program.command("complete", { hidden: true }).argument("[words...]").allowUnknownOption().helpOption(false),
    async (context, _, words) => (await import("./complete.ts")).complete(context, program, words, session),
  );
}
