import { expect, test } from "vitest";
import { formatReport } from "./format-report.ts";
import type { StudioFileSummary } from "./studio-records.ts";

const file = { sha256: "00", seenAt: 0, outputs: [], bytes: 12 };

test("formatReport shows thumbnails, links translations, and lets no name become markup", () => {
  const files: StudioFileSummary[] = [
    {
      ...file,
      id: "a",
      path: "my lake (1).jpg",
      kind: "picture",
      format: "jpeg",
      outputs: [{ fileId: "a", path: "thumbnails/my lake (1).jpg.png", kind: "thumbnail", bytes: 1, madeAt: 1 }],
    },
    {
      ...file,
      id: "b",
      path: "b|<b>.txt",
      kind: "text",
      format: "utf-8",
      problem: "too\nlong",
      outputs: [{ fileId: "b", path: "translations/b.txt", kind: "translation", bytes: 1, madeAt: 1 }],
    },
  ];
  expect(formatReport("Today", new Date(0), files).split("\n")).toEqual([
    "# Today",
    "",
    "2 files, 1 thumbnail, 1 translation, 1 problem. Written on 1970-01-01T00:00:00.000Z.",
    "",
    "| file | is | made from it |",
    "| --- | --- | --- |",
    "| my lake (1).jpg | jpeg picture, 12 B | ![](thumbnails/my%20lake%20%281%29.jpg.png) |",
    String.raw`| b\|\<b\>.txt | utf-8 text, 12 B | [translations/b.txt](translations/b.txt) **too long** |`,
    "",
  ]);
});
