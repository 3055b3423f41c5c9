import { createHash, randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
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

test("examineFile hashes all of a file, and tells its type from the beginning", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "file");
  const content = Buffer.concat([Buffer.from("%PDF-"), randomBytes(300_001)]);
  writeFileSync(path, content);
  const sha256 = createHash("sha256").update(content).digest("hex");
  expect(await examineFile(path)).toEqual({ type: { kind: "document", format: "pdf" }, bytes: content.length, sha256 });
});

// a file of /proc has no length until it is read, as one that somebody begins to write has none until a moment later
test.runIf(existsSync("/proc/version"))("examineFile goes by what it reads, whatever the length was before", async () => {
  expect(await examineFile("/proc/version")).toMatchObject({ type: { kind: "text" }, bytes: expect.toSatisfy((bytes: number) => bytes > 10) as number });
});

test("examineFile rejects for a file that is not there, and when its signal is aborted", async () => {
  using folder = createTemporaryFolder();
  await expect(examineFile(join(folder.path, "none"))).rejects.toMatchObject({ code: "ENOENT" });
  writeFileSync(join(folder.path, "file"), "x");
  await expect(examineFile(join(folder.path, "file"), AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
});
