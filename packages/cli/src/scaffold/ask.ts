import type { CommandContext } from "../context/command-context.ts";
import { CliError } from "../cli-error.ts";

export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
}

/** What the person at the terminal answers, or `undefined` where there is no terminal to ask at. @throws CliError where they would rather not. */
export async function askForText(context: CommandContext, question: string, example: string, check: (answer: string) => void): Promise<string | undefined> {
  if (!isConversation(context)) return undefined;
  const { text } = await import("@clack/prompts");
  return answered(await text({ message: question, placeholder: example, validate: answer => complaint(() => check(answer ?? "")) }));
}

/** The same with a choice of answers. */
export async function askForChoice<T extends string>(context: CommandContext, question: string, choices: readonly Choice<T>[]): Promise<T | undefined> {
  if (!isConversation(context)) return undefined;
  const { select } = await import("@clack/prompts");
  return answered((await select<string>({ message: question, options: [...choices] })) as T | symbol);
}

function isConversation({ stdin, stdout }: CommandContext): boolean {
  return stdin.isTTY === true && stdout.isTTY === true;
}

function answered<T extends string>(answer: T | symbol): T {
  if (typeof answer === "symbol")
    throw new CliError("SORA_CLI_FAILED", "Nothing was written: the question was not answered", { fix: "Answer it, or give the answer on the command line." });
  return answer;
}

function complaint(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
