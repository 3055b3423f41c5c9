import type { ActionInfo, EventInfo, ServiceInfo } from "@sora/core";
import { duration } from "../output/ages.ts";
import { oneLine } from "../output/printable.ts";
import { schemaText } from "../output/schema-text.ts";
import { table } from "../output/table.ts";
import { servicePath, tell } from "./session.ts";
import type { Paint } from "../output/paint.ts";
import type { Column } from "../output/table.ts";
import type { Session } from "./session.ts";

/** `sora info <service>`: what the service offers and how it is set up. */
export async function showInfo(session: Session, service: string): Promise<number> {
  const { body } = await session.client.get(servicePath(service, "info"));
  tell(session, body as ServiceInfo, info => infoText(info, session.paint, session.context.stdout.columns));
  return 0;
}

const actions: readonly Column<ActionInfo>[] = [
  { title: "NAME", text: row => row.name },
  { title: "PARAMETERS", text: row => schemaText(row.parameters) },
  { title: "CALLS", text: row => String(row.calls), align: "right" },
  {
    title: "FAILED",
    text: row => String(row.failures),
    align: "right",
    idle: "0",
    paint: (text, paint, row) => (row.failures > 0 ? paint("red", text) : text),
  },
  { title: "AT ONCE", text: row => (row.concurrency === undefined ? "" : String(row.concurrency)), align: "right" },
  { title: "TIMEOUT", text: row => (row.timeout === undefined ? "" : duration(row.timeout)), align: "right" },
  { title: "DOES", text: row => row.description ?? "" },
];

const events: readonly Column<EventInfo>[] = [
  { title: "NAME", text: row => row.name },
  { title: "ARGUMENTS", text: row => schemaText(row.args) },
  { title: "TELLS", text: row => row.description ?? "" },
];

const values: readonly Column<readonly [key: string, { readonly value: unknown; readonly source: string }]>[] = [
  { title: "KEY", text: ([key]) => key },
  { title: "VALUE", text: ([, { value }]) => (typeof value === "string" ? value : (JSON.stringify(value) ?? "")) },
  { title: "FROM", text: ([, { source }]) => source, paint: (text, paint) => paint("dim", text) },
];

/** What a service offers, in sections; those with nothing in them are left out. */
function infoText(info: ServiceInfo, paint: Paint, width: number | undefined): string {
  const options = { paint, width: width === undefined ? undefined : width - 2 };
  const origin = info.package === undefined ? "" : ` of ${oneLine(info.package.name)} ${oneLine(info.package.version)}`;
  const sections: readonly (readonly [title: string, lines: string])[] = [
    ["Actions", info.actions.length > 0 ? table(actions, info.actions, options) : ""],
    ["Events", info.events.length > 0 ? table(events, info.events, options) : ""],
    ["Commands", info.commands.length > 0 ? `${info.commands.map(oneLine).join(", ")}\n` : ""],
    ["Configuration", valuesTable(info.configuration)],
    ["Settings", valuesTable(info.settings)],
  ];
  return [
    `${paint("bold", oneLine(info.name))}  ${oneLine(info.kind)} service${paint("dim", origin)}\n${info.description === undefined ? "" : `${oneLine(info.description)}\n`}`,
    ...sections.filter(([, lines]) => lines !== "").map(([title, lines]) => `${paint("bold", title)}\n${lines.replace(/^(?=.)/gm, "  ")}`),
  ].join("\n");

  function valuesTable(section: ServiceInfo["configuration"]): string {
    const rows = Object.entries(section);
    return rows.length === 0 ? "" : table(values, rows, options);
  }
}
