import { Option } from "commander";
import type { Command } from "commander";
import type { Acting } from "../commands/asking.ts";
import type { GlobalFlags } from "../commands/global-flags.ts";
import type { NewServiceFlags } from "./new-service.ts";

/** The commands that write services, and projects for them. */
export function addScaffoldCommands(program: Command, acting: Acting): void {
  const make = program.command("new").description("Write a service, or a whole project, to begin with.").usage("<what> <name>").helpCommand(false);
  acting<NewServiceFlags & GlobalFlags, [string | undefined]>(
    make
      .command("service")
      .description("Write a service and its test into services/.")
      .argument("[Name]", "such as ImageResize")
      .addOption(new Option("--style <style>", "defineService, or a class with decorators").choices(["function", "class"]))
      .option("--every <interval>", 'a periodic service, such as "1h"')
      .option("--folder <folder>", "where to write it"),
    async (context, flags, name) => (await import("./new-service.ts")).newService(context, name, flags),
  );
  acting<GlobalFlags, [string | undefined]>(
    make.command("app").description("Write a project whose `npm start` and `npm test` work.").argument("[name]", "its folder, and the name of its package"),
    async (context, flags, name) => (await import("./new-app.ts")).newApp(context, name, flags),
  );
}
