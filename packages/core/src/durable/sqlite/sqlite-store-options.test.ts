import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { checkedOptions } from "./sqlite-store-options.ts";
import type { SqliteStoreOptions } from "./sqlite-store-options.ts";

describe("checkedOptions", () => {
  test("takes a path under the working directory, shown from there", () => {
    expect(checkedOptions({ file: ".sora/sora.db" })).toEqual({
      file: join(process.cwd(), ".sora", "sora.db"),
      name: `SQLite ${join(".sora", "sora.db")}`,
      lease: 15_000,
      synchronous: "full",
      busyTimeout: 10_000,
    });
  });

  test("takes any other path, and a file URL, shown as it is", () => {
    const file = join(import.meta.dirname, "..", "..", "..", "..", "..", "..", "x.db");
    for (const given of [file, pathToFileURL(file)])
      expect(checkedOptions({ file: given, lease: "2s", busyTimeout: 0 })).toMatchObject({ file, name: `SQLite ${file}`, lease: 2_000, busyTimeout: 0 });
  });

  test.for<[string, unknown]>([
    ["no file", {}],
    ["an empty file", { file: " " }],
    ["a number", { file: 1 }],
    ["a zero character", { file: "a\0b" }],
    ["memory", { file: ":memory:" }],
    ["a web address", { file: new URL("https://example.com/x.db") }],
    ["another synchronous", { file: "x.db", synchronous: "off" }],
    ["a lease of a millisecond", { file: "x.db", lease: 1 }],
  ])("refuses %s", ([, options]) => {
    expect(() => checkedOptions(options as SqliteStoreOptions)).toThrow(expect.objectContaining({ code: "SORA_OPTION_INVALID", fix: expect.any(String) }));
  });

  test("refuses an option that it does not know, with the nearest it does", () => {
    const given = { file: "x.db", leas: "1s" } as unknown as SqliteStoreOptions;
    expect(() => checkedOptions(given)).toThrow(/leas is no option of createSqliteStore; did you mean lease\?/);
  });
});
