import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { paintFor, plain } from "./paint.ts";
import { table } from "./table.ts";
import type { Column } from "./table.ts";

interface Row {
  readonly name: string;
  readonly count: number;
  readonly note?: string;
}

const columns: readonly Column<Row>[] = [
  { title: "NAME", text: row => row.name },
  { title: "COUNT", text: row => String(row.count), align: "right", idle: "0", paint: (text, paint) => paint("red", text) },
  { title: "NOTE", text: row => row.note ?? "" },
];
const paint = paintFor({ write: () => {}, isTTY: true }, {});

test("table aligns its columns, numbers to the right, and leaves no spaces at the ends", () => {
  expect(
    table(
      columns,
      [
        { name: "a", count: 5 },
        { name: "日本", count: 120, note: "wide" },
      ],
      { paint: plain },
    ),
  ).toBe("NAME  COUNT  NOTE\na         5\n日本    120  wide\n");
});

test("table leaves out a column that says nothing", () => {
  expect(table(columns, [{ name: "a", count: 0 }], { paint: plain })).toBe("NAME\na\n");
});

test("table cuts the last column to the terminal, and none where there is no terminal", () => {
  const rows = [{ name: "a", count: 1, note: "a note that is longer than the terminal is wide" }];
  expect(table(columns, rows, { paint: plain, width: 30 }).split("\n")[1]).toBe("a         1  a note that is l…");
  expect(table(columns, rows, { paint: plain }).split("\n")[1]).toBe("a         1  a note that is longer than the terminal is wide");
});

test("table paints without moving anything", () => {
  const painted = table(columns, [{ name: "a", count: 5, note: "n" }], { paint });
  expect(painted).toContain("\u001B[31m5\u001B[39m");
  expect(stripVTControlCharacters(painted)).toBe(table(columns, [{ name: "a", count: 5, note: "n" }], { paint: plain }));
});

test("table leaves out spare columns of a narrow terminal, the first of them first", () => {
  const wide: readonly Column<Row>[] = [
    { title: "NAME", text: row => row.name },
    { title: "SECOND", text: () => "22222222", spare: 1 },
    { title: "FIRST", text: () => "11111111", spare: 2 },
    { title: "NOTE", text: row => row.note ?? "" },
  ];
  const rows = [{ name: "a", count: 1, note: "a note that is cut" }];
  const titles = (width: number): string[] => table(wide, rows, { paint: plain, width }).split("\n")[0]!.split(/ +/);
  expect(titles(42)).toEqual(["NAME", "SECOND", "FIRST", "NOTE"]);
  expect(titles(41)).toEqual(["NAME", "SECOND", "NOTE"]);
  expect(titles(31)).toEqual(["NAME", "NOTE"]);
  expect(titles(10)).toEqual(["NAME", "NOTE"]);
});
