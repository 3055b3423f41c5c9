import type { Command } from "commander";
import { intervalText } from "./interval-text.ts";
import { keyText } from "./key-text.ts";
import { wholeNumber } from "./whole-number.ts";
import { storedLimits } from "../stored/stored-limits.ts";
import { withService } from "./with-service.ts";
import type { Asking } from "./asking.ts";
import type { CallFlags, StoreFlags } from "./call-action.ts";

/** The commands that have a host do something: calls of actions, the commands that services understand by themselves, starting and stopping. */
export function addMutationCommands(program: Command, asking: Asking): void {
  asking<[string, string, string | undefined, CallFlags & StoreFlags]>(
    withCall(
      withService(program.command("do").description("Call an action, and print what it returns."))
        .argument("<action>", "its name")
        .argument("[json]", "its parameters; - reads them from standard input"),
    )
      .option("--enqueue", "store the call, so that it happens whatever becomes of the host, and print its id")
      .option("--delay <time>", "of a stored call: begin no earlier, such as 10m", intervalText("0ms", "36500d"))
      .option("--deadline <time>", "of a stored call: begin no later, such as 1h", intervalText("1ms", "36500d"))
      .option("--key <key>", "of a stored call: one after the other, in order, with those of the same key", keyText)
      .option("--priority <n>", "of a stored call: higher first", wholeNumber(-storedLimits.priority, storedLimits.priority))
      .option("--attempts <n>", "of a stored call: how often it may be begun", wholeNumber(1, storedLimits.attempts)),
    async (asked, service, action, json, flags) => (await import("./call-action.ts")).callAction(asked, service, action, json, flags),
  );
  for (const [name, what] of [
    ["trigger", "Have a service run now."],
    ["check-queue", "Have a service look for work now."],
  ] as const) {
    asking<[string, CallFlags]>(withCall(withService(program.command(name).description(what))), async (asked, service, flags) =>
      (await import("./call-action.ts")).sendCommand(asked, service, name, undefined, flags),
    );
  }
  asking<[string, CallFlags & { batchSize?: number; filter?: string }]>(
    withCall(
      withService(program.command("process-batch").description("Have a service process one batch."))
        .option("--batch-size <n>", "how many at most", wholeNumber(1, 1_000_000))
        .option("--filter <text>", "which ones; the service says what it understands"),
    ),
    async (asked, service, { batchSize, filter, ...flags }) => {
      const parameters = batchSize === undefined && filter === undefined ? undefined : { batchSize, filter };
      return (await import("./call-action.ts")).sendCommand(asked, service, "process-batch", parameters, flags);
    },
  );
  for (const [name, what] of [
    ["start", "Start a service."],
    ["stop", "Stop a service; what is under way drains first."],
    ["restart", "Stop a service and start it again, with a new instance."],
  ] as const) {
    asking<[string]>(withService(program.command(name).description(what)), async (asked, service) =>
      (await import("./move-service.ts")).moveService(asked, name, service),
    );
  }
}

function withCall(command: Command): Command {
  return command
    .option("--no-wait", "do not wait for the end")
    .option("--correlation-id <id>", "found again in logs and events")
    .option("--idempotency-key <key>", "once for all calls with this key");
}
