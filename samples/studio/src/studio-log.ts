import type { LogFields, Logger } from "@sora/core";
import { wrapToWidth } from "./display-width.ts";
import { printable } from "./printable.ts";
import type { LogEntry } from "./studio-records.ts";
import type { StudioDatabase } from "./studio-database.ts";
import type { Terminal } from "./terminal.ts";

type Level = "info" | "warn" | "error";

/** Where lines are kept, and those written before there was such a place. */
interface Journal {
  database: StudioDatabase | undefined;
  readonly early: LogEntry[];
}

/**
 * The logger that the studio gives to its host: a short line on the terminal for each, broken where the terminal is narrow, and an entry in the database, which is what
 * DataCleanupService cleans up. Debug lines are left out.
 */
export class StudioLog implements Logger {
  readonly #terminal: Terminal;
  readonly #fields: LogFields;
  readonly #journal: Journal;

  constructor(terminal: Terminal, fields: LogFields = {}, journal: Journal = { database: undefined, early: [] }) {
    this.#terminal = terminal;
    this.#fields = fields;
    this.#journal = journal;
  }

  /** From now on lines are kept in `database`, as long as it is open, those that were written before among them. */
  keepIn(database: StudioDatabase): void {
    this.#journal.database = database;
    for (const entry of this.#journal.early.splice(0)) database.addLogEntry(entry);
  }

  debug(): void {}

  info(message: string, fields?: LogFields): void {
    this.#write("info", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#write("warn", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#write("error", message, fields);
  }

  child(fields: LogFields): StudioLog {
    return new StudioLog(this.#terminal, { ...this.#fields, ...fields }, this.#journal);
  }

  #write(level: Level, text: string, fields: LogFields | undefined): void {
    const { service, error, audit } = { ...this.#fields, ...fields };
    const name = typeof service === "string" ? service : "Sora";
    const message = audit === true ? auditText(text, fields!) : withReason(text, error);
    this.#print(level, name, message);
    this.#keep({ createdAt: Date.now(), level, service: name, message });
  }

  #print(level: Level, service: string, message: string): void {
    const { lineWidth } = this.#terminal;
    const isNarrow = lineWidth < 100;
    const time = isNarrow ? "" : `${this.#terminal.paint("dim", new Date().toTimeString().slice(0, 8))} `;
    const mark = { info: " ", warn: this.#terminal.paint("yellow", "!"), error: this.#terminal.paint("red", "✗") }[level];
    const origin = isNarrow ? service.replace(/Service$/, "").padEnd(20) : service.padEnd(24);
    const indent = (isNarrow ? 0 : 9) + 2 + origin.length + 2;
    // What follows the first line stands under it, so that nothing in a message, such as a file's name, can pass for a line of its own.
    const lines = message.split("\n").flatMap(line => wrapToWidth(printable(line), Math.max(20, lineWidth - indent)));
    this.#terminal.print(`${time}${mark} ${this.#terminal.paint("cyan", origin)}  ${lines.join(`\n${" ".repeat(indent)}`)}`);
  }

  #keep(entry: LogEntry): void {
    const { database, early } = this.#journal;
    if (database === undefined) early.push(entry);
    else if (database.isOpen) database.addLogEntry(entry);
  }
}

/** Who asked for what, and how it ended, which an audit line has in its fields alone. */
function auditText(text: string, { who, method, path, action, status, outcome, code }: LogFields): string {
  const said = (...parts: readonly unknown[]): string => parts.filter(part => part !== undefined).join(" ");
  return `${text}: ${said(who)}, ${said(method, path, action)}, ${said(status, outcome, code)}`;
}

/** The text, what the error says and what caused it, each unless it has been said already. */
function withReason(text: string, error: unknown): string {
  if (error === undefined) return text;
  const reason = error instanceof Error ? error.message : JSON.stringify(error);
  const said = text.includes(reason) ? text : `${text}: ${reason}`;
  return error instanceof Error && error.cause instanceof Error ? withReason(said, error.cause) : said;
}
