import { describe, expect, test } from "vitest";
import type { StudioFileSummary } from "./studio-records.ts";
import { formatBytes, formatSummaryTable } from "./summary-table.ts";

const file = { sha256: "00", seenAt: 0, outputs: [] };
const statistics = { language: "ja", characters: 640, words: 383, sentences: 27, lines: 6, readingSeconds: 105 } as const;

describe("formatSummaryTable", () => {
  test("fits a line for each file, and a sentence of totals, into a width", () => {
    const files: StudioFileSummary[] = [
      {
        ...file,
        id: "f1",
        path: "朝の散歩.txt",
        kind: "text",
        format: "utf-8",
        bytes: 1830,
        statistics,
        outputs: [{ fileId: "f1", path: "translations/f1.pt-BR.txt", kind: "translation", bytes: 1, madeAt: 1 }],
      },
      {
        ...file,
        id: "f2",
        path: "lake.jpg",
        kind: "picture",
        format: "jpeg",
        bytes: 74_000,
        outputs: [{ fileId: "f2", path: "thumbnails/lake.jpg.png", kind: "thumbnail", bytes: 1, madeAt: 1 }],
      },
      {
        ...file,
        id: "f3",
        path: "broken.jpg",
        kind: "picture",
        format: "jpeg",
        bytes: 12,
        problem: "Cannot make a thumbnail: the picture may be damaged, and nobody knows how.",
      },
      { ...file, id: "f4", path: "empty.txt", kind: "empty", format: "empty", bytes: 0 },
      { ...file, id: "f5", path: "notes", kind: "unknown", format: "unknown", bytes: 7 },
      { ...file, id: "f6", path: "list", kind: "text", format: "utf-8", bytes: 3, statistics: { ...statistics, language: "und", words: 1 } },
    ];
    expect(formatSummaryTable(files, 100).split("\n")).toEqual([
      "File          Is                        Made from it",
      "────────────  ────────────────────────  ──────────────────────────────────────────────────────────",
      "朝の散歩.txt  Japanese text, 383 words  translations/f1.pt-BR.txt",
      "lake.jpg      jpeg picture, 74 kB       thumbnails/lake.jpg.png",
      "broken.jpg    jpeg picture, 12 B        ! Cannot make a thumbnail: the picture may be damaged, and",
      "                                        nobody knows how.",
      "empty.txt     empty",
      "notes         unknown, 7 B",
      "list          text, 1 word",
      "",
      "6 files, 1 thumbnail, 1 translation, 1 problem.",
    ]);
    expect(formatSummaryTable(files, 80).split("\n").slice(0, 6)).toEqual([
      "File          Is       Made from it",
      "────────────  ───────  ──────────────────────────────────────────────────────",
      "朝の散歩.txt  text     translations/f1.pt-BR.txt",
      "lake.jpg      picture  thumbnails/lake.jpg.png",
      "broken.jpg    picture  ! Cannot make a thumbnail: the picture may be damaged,",
      "                       and nobody knows how.",
    ]);
    expect(formatSummaryTable([])).toContain("0 files");
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
