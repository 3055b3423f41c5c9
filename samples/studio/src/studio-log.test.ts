import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
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

test("StudioLog says of an audit line who asked for what, and how it ended", () => {
  const stream = new PassThrough({ encoding: "utf8" });
  const log = new StudioLog(new Terminal(stream));
  log.info("audit", { audit: true, who: "local", from: "127.0.0.1", method: "POST", path: "/api/services/DataSyncService/stop", status: 200, code: undefined });
  log.info("audit", { audit: true, who: "ops", method: "POST", path: "/api/services/Sync/stop", status: 404, code: "SORA_SERVICE_UNKNOWN" });
  log.info("audit", { audit: true, who: "ops", call: "c1", service: "DataSyncService", action: "trigger", outcome: "completed" });
  const lines = String(stream.read()).trimEnd().split("\n");
  expect(lines.map(line => line.slice(9))).toEqual([
    "  Sora                      audit: local, POST /api/services/DataSyncService/stop, 200",
    "  Sora                      audit: ops, POST /api/services/Sync/stop, 404 SORA_SERVICE_UNKNOWN",
    "  DataSyncService           audit: ops, trigger, completed",
  ]);
});

test.each([
  [
    120,
    [
      "  FileProcessingService     a",
      "                                     b.txt: German text, 260 words",
      "! FileProcessingService     No thumbnail can be made: the file is shorter than it says. The picture may be",
      "                                     damaged, or of a kind that sharp does not read.",
    ],
  ],
  [
    80,
    [
      "  FileProcessing        a",
      "                        b.txt: German text, 260 words",
      "! FileProcessing        No thumbnail can be made: the file is shorter than it",
      "                        says. The picture may be damaged, or of a kind that",
      "                        sharp does not read.",
    ],
  ],
])("StudioLog fits its lines into %i columns, and keeps what follows the first under it", (columns, expected) => {
  const stream = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY: true, columns });
  const log = new StudioLog(new Terminal(stream)).child({ service: "FileProcessingService" });
  log.info("a\nb.txt: German text, 260 words");
  log.warn("No thumbnail can be made: the file is shorter than it says. The picture may be damaged, or of a kind that sharp does not read.");
  const lines = stripVTControlCharacters(String(stream.read())).replaceAll("\r", "").trimEnd().split("\n");
  expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(columns);
  expect(lines.map(line => (columns === 120 ? line.replace(/^\d\d:\d\d:\d\d /, "") : line))).toEqual(expected);
});
