import { expect, test } from "vitest";
import { displayWidth } from "./display-width.ts";
import { formatTextTable } from "./text-table.ts";

test("formatTextTable aligns cells by what they take in a terminal", () => {
  const table = formatTextTable(
    [{ title: "Name" }, { title: "Size", align: "right" }, { title: "Note" }],
    [
      ["朝の散歩", "5", "short"],
      ["a.txt", "1234", "x"],
      ["👩‍🚀", "60"],
    ],
  );
  expect(table.split("\n")).toEqual(["Name      Size  Note", "────────  ────  ─────", "朝の散歩     5  short", "a.txt     1234  x", "👩‍🚀          60"]);
});

test("formatTextTable cuts long cells", () => {
  const table = formatTextTable([{ title: "Name", maxWidth: 6 }], [["a very long name"], ["朝の散歩"]]);
  expect(table.split("\n").every(line => displayWidth(line) <= 6)).toBe(true);
  expect(table).toContain("a ver…");
});

test("formatTextTable lets no cell move the cursor or break the line", () => {
  expect(formatTextTable([{ title: "Name" }], [["a\u001b[2J\n\u202eb"]]).split("\n")[2]).toBe("a�[2J��b");
});

test("formatTextTable shows the titles where there are no rows", () => {
  expect(formatTextTable([{ title: "Name" }], [])).toBe("Name\n────");
});
