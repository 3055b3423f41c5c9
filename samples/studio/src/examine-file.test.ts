import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { examineFile } from "./examine-file.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

test("examineFile tells a file's type, length and hash", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "abc");
  writeFileSync(path, "abc");
  expect(await examineFile(path)).toEqual({
    type: { kind: "text", format: "utf-8" },
    bytes: 3,
    sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  });
  writeFileSync(path, "");
  expect(await examineFile(path)).toMatchObject({ type: { kind: "empty" }, bytes: 0 });
});
