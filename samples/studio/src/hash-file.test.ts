import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hashFile } from "./hash-file.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

test("hashFile equals the hash of the whole content, for no bytes and for many pieces", async () => {
  using folder = createTemporaryFolder();
  for (const content of [Buffer.alloc(0), randomBytes(300_001)]) {
    const path = join(folder.path, "file");
    writeFileSync(path, content);
    expect(await hashFile(path)).toBe(createHash("sha256").update(content).digest("hex"));
  }
});

test("hashFile rejects for a file that is not there, and when its signal is aborted", async () => {
  using folder = createTemporaryFolder();
  await expect(hashFile(join(folder.path, "none"))).rejects.toMatchObject({ code: "ENOENT" });
  writeFileSync(join(folder.path, "file"), "x");
  await expect(hashFile(join(folder.path, "file"), AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
});
