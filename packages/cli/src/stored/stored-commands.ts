import { Option } from "commander";
import type { Command } from "commander";
import { intervalText } from "../commands/interval-text.ts";
import { wholeNumber } from "../commands/whole-number.ts";
import { withService } from "../commands/with-service.ts";
import { misfirePolicy } from "./misfire-policy.ts";
import { storedLimits } from "./stored-limits.ts";
import { storedStates } from "./stored-paint.ts";
import type { Asking } from "../commands/asking.ts";
import type { ActionsFlags } from "./list-actions.ts";
import type { ScheduleFlags } from "./set-schedule.ts";
import type { SchedulesFlags } from "./schedules.ts";

/** The commands about stored work: actions, queues, schedules, the outbox. */
export function addStoredCommands(program: Command, asking: Asking): void {
  const actions = paged(
    program
      .command("actions")
      .description("List stored actions, or see to some of them.")
      .helpCommand(false)
      .addOption(new Option("--state <state>", "only those in this state").choices(storedStates))
      .option("--service <service>", "only those of this service")
      .option("--action <action>", "only those of this name"),
  );
  asking<[ActionsFlags]>(actions, async (asked, flags) => (await import("./list-actions.ts")).listActions(asked, flags));
  asking<[string]>(actions.command("show").description("Show where one stands, and its result.").argument("<id>", "its id, or a chain's"), async (asked, id) =>
    (await import("./show-action.ts")).showAction(asked, id),
  );
  asking<[string[]]>(
    actions.command("retry").description("Have dead, cancelled or failed ones tried again now.").argument("<id...>", "their ids"),
    async (asked, ids) => (await import("./change-actions.ts")).retryActions(asked, ids),
  );
  asking<[string[]]>(
    actions.command("cancel").description("Cancel some: what waits never begins, what runs is aborted.").argument("<id...>", "their ids"),
    async (asked, ids) => (await import("./change-actions.ts")).cancelActions(asked, ids),
  );

  const queues = program.command("queues").description("Count stored actions by state, or hold some of them back.").helpCommand(false);
  asking(queues, async asked => (await import("./queues.ts")).showQueues(asked));
  for (const [verb, what] of [
    ["pause", "Have no host begin what is stored for a service, or one of its actions."],
    ["resume", "Have it begin again."],
  ] as const) {
    asking<[string, string | undefined]>(withService(queues.command(verb).description(what)).argument("[action]", "its name"), async (asked, service, action) =>
      (await import("./queues.ts")).holdQueue(asked, verb, service, action),
    );
  }

  const schedules = paged(
    program
      .command("schedules")
      .description("List the schedules made at run time, or see to one of them.")
      .helpCommand(false)
      .option("--service <service>", "only those of this service"),
  );
  asking<[SchedulesFlags]>(schedules, async (asked, flags) => (await import("./schedules.ts")).listSchedules(asked, flags));
  for (const [verb, what] of [
    ["pause", "Have one enqueue nothing until it is resumed."],
    ["resume", "Have one go on with its next tick."],
  ] as const) {
    asking<[string]>(schedules.command(verb).description(what).argument("<id>", "its id"), async (asked, id) =>
      (await import("./schedules.ts")).holdSchedule(asked, verb, id),
    );
  }
  asking<[string, string | undefined, string | undefined, string | undefined, ScheduleFlags]>(
    schedules
      .command("set")
      .description("Make one, or change what is given of it; its parameters stay where none are given.")
      .argument("<id>", "its id")
      .argument("[service]", "whose action it calls; needed for a new one")
      .argument("[action]", "which action")
      .argument("[json]", "its parameters; - reads them from standard input")
      .option("--cron <expression>", 'when, such as "0 3 * * *"')
      .option("--time-zone <zone>", "of the expression, such as Europe/Berlin; UTC by default")
      .addOption(
        new Option("--every <interval>", "when, in place of an expression, such as 1h")
          .argParser(intervalText("1s", "1000000d"))
          .conflicts(["cron", "timeZone"]),
      )
      .option("--misfire <policy>", "what becomes of missed ticks: skip, once, or how many of them are made up for", misfirePolicy)
      .option("--priority <n>", "of what it enqueues: higher first", wholeNumber(-storedLimits.priority, storedLimits.priority)),
    async (asked, id, service, action, json, flags) => (await import("./set-schedule.ts")).setSchedule(asked, id, { service, action, json }, flags),
  );
  asking<[string]>(schedules.command("remove").description("Remove one; what it has enqueued goes on.").argument("<id>", "its id"), async (asked, id) =>
    (await import("./schedules.ts")).removeSchedule(asked, id),
  );

  const outbox = program
    .command("outbox")
    .description("Count the outbox, and list what could not be published.")
    .helpCommand(false)
    .option("--limit <n>", "how many at most", wholeNumber(1, storedLimits.page));
  asking<[{ readonly limit?: number }]>(outbox, async (asked, flags) => (await import("./outbox.ts")).showOutbox(asked, flags));
  asking<[number[] | undefined]>(
    outbox
      .command("retry")
      .description("Have that tried again: all of it, or some.")
      .argument("[sequence...]", "their numbers", (text, before: number[] | undefined) => [...(before ?? []), wholeNumber(0, Number.MAX_SAFE_INTEGER)(text)]),
    async (asked, sequences) => (await import("./outbox.ts")).retryMessages(asked, sequences ?? []),
  );
}

function paged(command: Command): Command {
  return command
    .option("--limit <n>", `how many at most (${storedLimits.usualPage} by default)`, wholeNumber(1, storedLimits.page))
    .option("--cursor <cursor>", "go on where a list ended");
}
