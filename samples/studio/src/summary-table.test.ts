import { describe, expect, test } from "vitest";
import type { StudioFileSummary } from "./studio-records.ts";
import { formatBytes, formatSummaryTable } from "./summary-table.ts";

const file = { sha256: "00", seenAt: 0, outputs: [] };
const statistics = { language: "ja", characters: 640, words: 383, sentences: 27, lines: 6, readingSeconds: 105 } as const;

describe("formatSummaryTable", () => {
  test("has a line for each file and a sentence of totals", () => {
    const files: StudioFileSummary[] = [
      {
        ...file,
        id: "f1",
        path: "朝の散歩.txt",
        kind: "text",
        format: "utf-8",
        bytes: 1830,
        statistics,
        outputs: [{ fileId: "f1", path: "f1.pt-BR.txt", kind: "translation", bytes: 1, madeAt: 1 }],
      },
      {
        ...file,
        id: "f2",
        path: "lake.jpg",
        kind: "picture",
        format: "jpeg",
        bytes: 74_000,
        outputs: [{ fileId: "f2", path: "lake.png", kind: "thumbnail", bytes: 1, madeAt: 1 }],
      },
      { ...file, id: "f3", path: "broken.jpg", kind: "picture", format: "jpeg", bytes: 12, problem: "damaged" },
      { ...file, id: "f4", path: "empty.txt", kind: "empty", format: "empty", bytes: 0 },
    ];
    expect(formatSummaryTable(files).split("\n")).toEqual([
      "File          Type            Size  Language  Words  Made from it",
      "────────────  ────────────  ──────  ────────  ─────  ────────────",
      "朝の散歩.txt  text utf-8    1.8 kB  Japanese    383  f1.pt-BR.txt",
      "lake.jpg      picture jpeg   74 kB                   lake.png",
      "broken.jpg    picture jpeg    12 B                   ! damaged",
      "empty.txt     empty            0 B",
      "",
      "4 files, 1 thumbnail, 1 translation, 1 problem.",
    ]);
  });
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [9_949, "9.9 kB"],
  [9_950, "10 kB"],
  [999_600, "1.0 MB"],
  [12_345_678, "12 MB"],
  [5e13, "50 TB"],
])("formatBytes of %i is %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
