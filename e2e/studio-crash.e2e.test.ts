import { copyFileSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { StudioProcess } from "./studio-process.ts";

const shipped = join(import.meta.dirname, "..", "samples", "studio", "inbox");
const pictures = 40;

interface Output {
  readonly path: string;
  readonly madeAt: number;
}

/** What is recorded as made so far, by its path. */
function recorded(out: string): Map<string, number> {
  using database = new DatabaseSync(join(out, "studio.db"), { readOnly: true });
  const rows = database.prepare("SELECT path, made_at AS madeAt FROM outputs").all() as unknown as Output[];
  return new Map(rows.map(({ path, madeAt }) => [path, madeAt]));
}

test("kill -9 in the middle of the studio's work, twice: the next start does the rest, and nothing again that was recorded as done", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sora-studio-crash-"));
  const [inbox, out] = [join(folder, "inbox"), join(folder, "out")];
  try {
    cpSync(shipped, inbox, { recursive: true });
    for (let n = 0; n < pictures; n++) copyFileSync(join(shipped, "sunrise-over-the-lake.jpg"), join(inbox, `copy-${n}.jpg`));
    const before = new Map<string, number>();
    for (let crash = 1; crash <= 2; crash++) {
      await using studio = new StudioProcess(inbox, out);
      const enough = crash * 10;
      while (!existsSync(join(out, "studio.db")) || made(out) < enough) await new Promise(resolve => setTimeout(resolve, 10));
      await studio[Symbol.asyncDispose](); // SIGKILL
      for (const [path, madeAt] of recorded(out)) {
        expect([path, before.get(path) ?? madeAt]).toEqual([path, madeAt]); // not made again by the start after the crash before
        before.set(path, madeAt);
      }
      expect(before.size).toBeLessThan(pictures);
    }
    await using studio = new StudioProcess(inbox, out);
    await studio.says("press Ctrl-C to end");
    const after = recorded(out);
    expect(after.size).toBe(pictures + 6 + 11);
    for (const [path, madeAt] of before) expect([path, after.get(path)]).toEqual([path, madeAt]);
    for (const path of after.keys()) expect(existsSync(join(out, path))).toBe(true);
    expect(readdirSync(join(out, "thumbnails"))).toHaveLength(pictures + 6);
    expect(await studio.interrupt()).toBe(0);
    expect(studio.errors).toBe("");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function made(out: string): number {
  try {
    return recorded(out).size;
  } catch {
    return 0; // its tables are not made yet
  }
}
