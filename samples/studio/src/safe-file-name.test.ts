import { expect, test } from "vitest";
import { numberedFileName, safeFileName } from "./safe-file-name.ts";

test.each([
  ["postcard.jpg", "postcard.jpg"],
  ["Relatório de março.md", "Relatório de março.md"],
  ["朝の散歩.txt", "朝の散歩.txt"],
  ["e\u0301te\u0301.txt", "été.txt"],
  ["../../../etc/passwd", "passwd"],
  ["..\\..\\Windows\\win.ini", "win.ini"],
  ["C:\\fakepath\\photo.png", "photo.png"],
  ["/absolute.txt", "absolute.txt"],
  ["folder/", "unnamed"],
  ["", "unnamed"],
  [".", "unnamed"],
  ["..", "unnamed"],
  ["...", "unnamed"],
  [" . ", "unnamed"],
  [".htaccess", "htaccess"],
  ["  .profile", "profile"],
  ["report.txt.  ", "report.txt"],
  ["a\0b.txt", "ab.txt"],
  ["a\r\nb\u001B[2J.txt", "ab[2J.txt"],
  ["\u202Egnp.txt", "gnp.txt"],
  ["\uD800.txt", "txt"],
  ['<a>:"b"|c?*.txt', "_a___b__c__.txt"],
  ["file.txt:stream", "file.txt_stream"],
  ["CON", "_CON"],
  ["nul.txt", "_nul.txt"],
  ["com1.tar.gz", "_com1.tar.gz"],
  ["console.txt", "console.txt"],
  ["-rf", "-rf"],
  ["$(reboot).txt", "$(reboot).txt"],
])("safeFileName of %j is %j", (given, safe) => {
  expect(safeFileName(given)).toBe(safe);
  expect(safeFileName(safe)).toBe(safe);
});

test("safeFileName cuts a long name between characters and keeps the extension", () => {
  for (const long of [`${"x".repeat(5_000)}.jpg`, `${"é".repeat(5_000)}.jpg`, `${"👩‍👩‍👧‍👦".repeat(500)}.jpg`, `a.${"b".repeat(5_000)}`, "x y".repeat(500)]) {
    const name = safeFileName(long);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(180);
    expect(Buffer.byteLength(name)).toBeGreaterThan(150);
    expect(long.startsWith(name.replace(/\.jpg$/, ""))).toBe(true);
    expect(name.endsWith(".jpg")).toBe(long.endsWith(".jpg"));
    expect(name).toBe(name.toWellFormed());
    expect(safeFileName(name)).toBe(name);
  }
});

test.each([
  ["lake.jpg", "lake-2.jpg"],
  ["README", "README-2"],
  ["a.tar.gz", "a.tar-2.gz"],
])("numberedFileName of %s and 2 is %s", (name, numbered) => {
  expect(numberedFileName(name, 2)).toBe(numbered);
});
