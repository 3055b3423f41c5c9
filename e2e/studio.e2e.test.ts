import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
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

test("a file that is uploaded is worked on like one that is dropped, a webhook has the inbox looked at, and the status page shows it", async () => {
  await using studio = new StudioProcess(inbox, out);
  await studio.says("press Ctrl-C to end");
  const url = await studio.url();
  expect(studio.output).toContain(`The status page is at ${url}/\nUpload a file: curl -F file=@picture.jpg ${url}/upload`);
  const upload = async (name: string, content: string | Uint8Array<ArrayBuffer>, query = ""): Promise<unknown> => {
    const form = new FormData();
    form.append("file", new Blob([content]), name);
    const answer = await fetch(`${url}/upload${query}`, { method: "POST", body: form });
    return { status: answer.status, ...((await answer.json()) as object) };
  };

  const text = "The bus was late again, and nobody was surprised that it was.";
  expect(await upload("../bus.txt", text, "?targetLanguage=fr")).toEqual({ status: 200, fileId: "bus.txt" });
  expect(readFileSync(join(inbox, "bus.txt"), "utf8")).toBe(text);
  expect(readFileSync(join(out, "translations", "bus.fr.txt"), "utf8")).toMatch(/^\[Pseudo-localized for fr: /);
  await studio.says("bus.txt: pseudo-localized for pt-BR"); // as of every text
  expect(await upload("postcard.jpg", readFileSync(join(shipped, "postcard.jpg")))).toEqual({ status: 200, fileId: "postcard-2.jpg" });
  await studio.says("postcard-2.jpg: ");
  await expect.poll(() => readdirSync(join(out, "thumbnails"))).toContain("postcard-2.jpg.png");
  expect(sizeOf(join(out, "thumbnails", "postcard-2.jpg.png"))).toEqual([200, 200]);
  expect(query("SELECT id, kind, problem FROM files WHERE id IN ('bus.txt', 'postcard-2.jpg') ORDER BY id")).toEqual([
    { id: "bus.txt", kind: "text", problem: null },
    { id: "postcard-2.jpg", kind: "picture", problem: null },
  ]);
  await expect.poll(() => readFileSync(join(out, "report.md"), "utf8")).toContain("postcard-2.jpg");
  expect(await upload("evil.txt", text, "?targetLanguage=../../x")).toMatchObject({ status: 400 });
  expect(await upload("large.bin", new Uint8Array(20_000_001))).toMatchObject({ status: 413 });
  expect(readdirSync(inbox).filter(name => /evil|large|^\./.test(name))).toEqual([]);

  const notified = await fetch(`${url}/api/webhooks/data-changed`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"source":"inbox","since":"2020-01-01"}',
  });
  expect([notified.status, await notified.json()]).toEqual([200, { recordCount: 21 }]);
  const page = await fetch(`${url}/`);
  expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  const shown = await page.text();
  for (const name of ["TranslationService", "FileProcessingService", "WorkflowOrchestrator", "/api/services/{service}/actions/{action}"])
    expect(shown).toContain(name);
  const translated = await fetch(`${url}/api/services/TranslationService/actions/translate`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"fileId":"bus.txt","to":"es"}',
  });
  expect(await translated.json()).toMatchObject({ result: { fileId: "bus.txt", path: "translations/bus.es.txt" } });

  const stream = await fetch(`${url}/api/events`);
  expect(await studio.interrupt()).toBe(0);
  expect(await stream.text()).toContain("sora.close");
  expect(studio.errors).toBe("");
  expect(studio.output).not.toContain("held open");
});

test("a port that is taken is another's: the studio takes the next, and says so", async () => {
  const other = createServer();
  await new Promise<void>(resolve => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  await using studio = new StudioProcess(inbox, out, { PORT: String(port) });
  await studio.says(`, since port ${port} is taken`);
  expect((await fetch(`${await studio.url()}/health/ready`)).status).toBe(200);
  expect(await studio.interrupt()).toBe(0);
  other.close();
});

test("in Production the studio does not start without a token, and says which setting it is", async () => {
  await using studio = new StudioProcess(inbox, out, { SORA_ENVIRONMENT: "Production" });
  await expect(studio.says("press Ctrl-C to end, or not")).rejects.toThrow(/Sora:Web:Token/);
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
