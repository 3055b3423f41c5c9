import { mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSettingsFile, settingsFileLimit } from "./settings-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sora-settings-file-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function readBytes(bytes: string | Uint8Array) {
  const path = join(folder, "appsettings.json");
  await writeFile(path, bytes);
  return readSettingsFile(path);
}

describe("readSettingsFile", () => {
  test("reads a text without its byte order mark", async () => {
    expect(await readBytes('\ufeff{"é":1}')).toEqual({ kind: "text", text: '{"é":1}' });
  });

  test("takes a file that is not there as missing", async () => {
    expect(await readSettingsFile(join(folder, "absent.json"))).toEqual({ kind: "missing" });
  });

  test("refuses a folder", async () => {
    expect(await readSettingsFile(folder)).toMatchObject({ kind: "refused", expected: "a file", got: "a folder" });
  });

  test("refuses what cannot be opened, with the system's reason", async () => {
    await symlink("loop.json", join(folder, "loop.json"));
    expect(await readSettingsFile(join(folder, "loop.json"))).toMatchObject({ kind: "refused", expected: "a readable file", got: "ELOOP" });
  });

  test("reads 1 MiB, and refuses 100 MB without reading them", async () => {
    expect(await readBytes(" ".repeat(settingsFileLimit))).toMatchObject({ kind: "text" });
    const path = join(folder, "large.json");
    await writeFile(path, "");
    await truncate(path, 100_000_000);
    expect(await readSettingsFile(path)).toMatchObject({ kind: "refused", expected: "at most 1 MiB", got: "100,000,000 bytes" });
  });

  test("refuses broken UTF-8 with its line, and UTF-16 by name", async () => {
    expect(await readBytes(Buffer.from('{\n"a": "\xff"}', "latin1"))).toMatchObject({ kind: "refused", line: 2, expected: "UTF-8 text" });
    expect(await readBytes(Buffer.from('\ufeff{"a":1}', "utf16le"))).toMatchObject({ kind: "refused", got: "UTF-16 text" });
  });
});
