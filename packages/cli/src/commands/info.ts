import type { ActionInfo, EventInfo, ServiceInfo } from "@sora/core";
import { duration } from "../output/ages.ts";
import { oneLine } from "../output/printable.ts";
import { schemaText } from "../output/schema-text.ts";
import { table } from "../output/table.ts";
import { servicePath, tell } from "./session.ts";
import type { Paint } from "../output/paint.ts";
import type { Session } from "./session.ts";

/** `sora info <service>`: what the service offers and how it is set up. */
export async function info(session: Session, service: string): Promise<number> {
  const { body } = await session.client.get(servicePath(service, "info"));
  tell(session, body as ServiceInfo, value => infoText(value, session.paint, session.context.stdout.columns));
  return 0;
}

/** What a service offers, in sections; those with nothing in them are left out. */
export function infoText(info: ServiceInfo, paint: Paint, width: number | undefined): string {
  const options = { paint, width: width === undefined ? undefined : width - 2 };
  const origin = info.package === undefined ? "" : ` of ${oneLine(info.package.name)} ${oneLine(info.package.version)}`;
  const parts = [`${paint("bold", oneLine(info.name))}  ${oneLine(info.kind)} service${paint("dim", origin)}\n${info.description === undefined ? "" : `${oneLine(info.description)}\n`}`];
  const section = (title: string, rows: string): void => {
    parts.push(`${paint("bold", title)}\n${indented(rows)}`);
  };
  if (info.actions.length > 0) {
    section(
      "Actions",
      table<ActionInfo>(
        [
          { title: "NAME", text: row => row.name },
          { title: "PARAMETERS", text: row => schemaText(row.parameters) },
          { title: "CALLS", text: row => String(row.calls), align: "right" },
          { title: "FAILED", text: row => String(row.failures), align: "right", idle: "0", paint: (text, paint, row) => (row.failures > 0 ? paint("red", text) : text) },
          { title: "AT ONCE", text: row => (row.concurrency === undefined ? "" : String(row.concurrency)), align: "right" },
          { title: "TIMEOUT", text: row => (row.timeout === undefined ? "" : duration(row.timeout)), align: "right" },
          { title: "DOES", text: row => row.description ?? "" },
        ],
        info.actions,
        options,
      ),
    );
  }
  if (info.events.length > 0) {
    section(
      "Events",
      table<EventInfo>(
        [
          { title: "NAME", text: row => row.name },
          { title: "ARGUMENTS", text: row => schemaText(row.args) },
          { title: "TELLS", text: row => row.description ?? "" },
        ],
        info.events,
        options,
      ),
    );
  }
  if (info.commands.length > 0) section("Commands", `${info.commands.map(oneLine).join(", ")}\n`);
  for (const [title, values] of [["Configuration", info.configuration], ["Settings", info.settings]] as const) {
    const rows = Object.entries(values);
    if (rows.length === 0) continue;
    section(
      title,
      table<(typeof rows)[number]>(
        [
          { title: "KEY", text: ([key]) => key },
          { title: "VALUE", text: ([, { value }]) => (typeof value === "string" ? value : (JSON.stringify(value) ?? "")) },
          { title: "FROM", text: ([, { source }]) => source, paint: (text, paint) => paint("dim", text) },
        ],
        rows,
        options,
      ),
    );
  }
  return parts.join("\n");
}

function indented(lines: string): string {
  return lines.replace(/^(?=.)/gm, "  ");
}
