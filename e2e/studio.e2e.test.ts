import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StudioProcess } from "./studio-process.ts";

const shipped = join(import.meta.dirname, "..", "samples", "studio", "inbox");
let folder: string, inbox: string, out: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sora-studio-e2e-"));
  [inbox, out] = [join(folder, "inbox"), join(folder, "out")];
  cpSync(shipped, inbox, { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Width and height of a PNG, from its header. */
function sizeOf(path: string): readonly [width: number, height: number] {
  const header = readFileSync(path).subarray(0, 24);
  expect(header.subarray(1, 4).toString("latin1")).toBe("PNG");
  return [header.readUInt32BE(16), header.readUInt32BE(20)];
}

function query(sql: string): unknown[] {
  using database = new DatabaseSync(join(out, "studio.db"), { readOnly: true });
  return database
    .prepare(sql)
    .all()
    .map(row => ({ ...row }));
}

function expectEverythingMade(): void {
  const thumbnails = readdirSync(join(out, "thumbnails"));
  expect(thumbnails).toHaveLength(6);
  for (const name of thumbnails) expect(sizeOf(join(out, "thumbnails", name))).toEqual([200, 200]);
  const translations = readdirSync(join(out, "translations"));
  expect(translations).toHaveLength(11);
  for (const name of translations)
    expect(readFileSync(join(out, "translations", name), "utf8")).toMatch(/^\[Pseudo-localized for pt-BR: .* not a translation\./);
  expect(query("SELECT kind, count(*) AS files FROM files GROUP BY kind ORDER BY kind")).toEqual([
    { kind: "empty", files: 1 },
    { kind: "picture", files: 7 },
    { kind: "text", files: 11 },
  ]);
  expect(query("SELECT path FROM files WHERE problem IS NOT NULL")).toEqual([{ path: "broken-holiday-photo.jpg" }]);
  expect(readFileSync(join(out, "report.md"), "utf8")).toContain("19 files, 6 thumbnails, 11 translations, 1 problem.");
}

test("the studio works through its inbox, takes what is dropped while it runs, and ends in order at Ctrl-C", async () => {
  await using studio = new StudioProcess(inbox, out);
  await studio.says("press Ctrl-C to end");
  expectEverythingMade();
  expect(studio.output).toContain("19 files, 6 thumbnails, 11 translations, 1 problem.");

  copyFileSync(join(shipped, "sunrise-over-the-lake.jpg"), join(inbox, "dropped.jpg"));
  writeFileSync(join(inbox, "dropped.txt"), "The bus was late again, and nobody was surprised that it was.");
  await studio.says("dropped.jpg: 1600 × 1066 cut to 200 × 200");
  await studio.says("dropped.txt: pseudo-localized for pt-BR");
  expect(sizeOf(join(out, "thumbnails", "dropped.jpg.png"))).toEqual([200, 200]);

  expect(await studio.interrupt()).toBe(0);
  expect(studio.output).toContain("Stopping: SIGINT");
  expect(studio.output.trimEnd().split("\n").at(-1)).toContain("What was under way is finished.");
  expect(studio.output).not.toContain("\u001B"); // no colours, no status line: this is no terminal
  expect(studio.errors).toBe("");
  expect(query("SELECT count(*) > 40 AS enough FROM log_entries")).toEqual([{ enough: 1 }]);
});

test("a second start does nothing twice", async () => {
  {
    await using first = new StudioProcess(inbox, out);
    await first.says("press Ctrl-C to end");
    expect(await first.interrupt()).toBe(0);
  }
  const made = (): number[] => readdirSync(join(out, "thumbnails")).map(name => statSync(join(out, "thumbnails", name)).mtimeMs);
  const before = made();
  await using second = new StudioProcess(inbox, out);
  await second.says("press Ctrl-C to end");
  expect(second.output).toContain("Nothing is new: all of this was made before.");
  expect(second.output).not.toContain("pseudo-localized for");
  expect(made()).toEqual(before);
  expect(await second.interrupt()).toBe(0);
});

test("Ctrl-C in the middle finishes what is under way, and the next start does the rest", async () => {
  {
    await using first = new StudioProcess(inbox, out);
    await first.says("cut to 200 × 200");
    expect(await first.interrupt()).toBe(0);
    expect(first.errors).toBe("");
    const unfinished = readdirSync(join(out, "thumbnails")).filter(name => !name.endsWith(".png"));
    expect(unfinished).toEqual([]);
  }
  await using second = new StudioProcess(inbox, out);
  await second.says("press Ctrl-C to end");
  expectEverythingMade();
  expect(await second.interrupt()).toBe(0);
});

test("a setting that is wrong is named, and the studio does not start", async () => {
  await using studio = new StudioProcess(inbox, out, { Sora__BackgroundServices__Services__DataCleanupService__IntervalSeconds: "0" });
  await expect(studio.says("press Ctrl-C to end")).rejects.toThrow(
    /environment variable Sora__BackgroundServices__Services__DataCleanupService__IntervalSeconds/,
  );
});
