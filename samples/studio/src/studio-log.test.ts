import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { StudioDatabase } from "./studio-database.ts";
import { StudioLog } from "./studio-log.ts";
import { Terminal } from "./terminal.ts";

test("StudioLog writes short lines, and keeps all of them, the early ones too", () => {
  const stream = new PassThrough({ encoding: "utf8" });
  const log = new StudioLog(new Terminal(stream));
  const child = log.child({ service: "TranslationService" });
  child.info("Working", { to: "pt-BR" });
  using database = new StudioDatabase(":memory:");
  database.migrate(0);
  log.keepIn(database);
  child.warn("Cannot translate", { error: new Error("no answer") });
  log.error("Out of order: no answer", { error: new Error("no answer") });
  const lines = String(stream.read()).trimEnd().split("\n");
  expect(lines.map(line => line.slice(9))).toEqual([
    "  TranslationService        Working",
    "! TranslationService        Cannot translate: no answer",
    "✗ Sora                      Out of order: no answer",
  ]);
  expect(database.countLogEntries()).toBe(3);
  database.close();
  expect(() => child.info("after the end")).not.toThrow();
});
