import type { Command } from "commander";
import { withService } from "./with-service.ts";
import type { Asking } from "./asking.ts";
import type { EventsFlags } from "./show-events.ts";

/** The commands that ask a host how things stand, and change nothing. */
export function addQueryCommands(program: Command, asking: Asking): void {
  asking(program.command("services").description("List every service with its state and node."), async asked =>
    (await import("./list-services.ts")).listServices(asked),
  );
  asking<[string]>(withService(program.command("status").description("Show what a service does at this moment.")), async (asked, service) =>
    (await import("./show-status.ts")).showStatus(asked, service),
  );
  asking<[string | undefined]>(
    program.command("health").description("Show the health of a service, or of the host; ends with 1 where it is unhealthy.").argument("[service]", "its name"),
    async (asked, service) => (await import("./show-health.ts")).showHealth(asked, service),
  );
  asking<[string]>(
    withService(program.command("info").description("Show what a service offers: actions, events, commands, configuration.")),
    async (asked, service) => (await import("./show-info.ts")).showInfo(asked, service),
  );
  asking<[string | undefined, EventsFlags]>(
    program
      .command("events")
      .description("Show what has happened, on a service or on all.")
      .argument("[service]", "its name")
      .option("-f, --follow", "go on showing what happens, until Ctrl-C")
      .option("--after <id>", "begin after the event of this id"),
    async (asked, service, flags) => (await import("./show-events.ts")).showEvents(asked, service, flags),
  );
}
