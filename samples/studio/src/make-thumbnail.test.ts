import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { makeThumbnail } from "./make-thumbnail.ts";
import type { ThumbnailProgress } from "./make-thumbnail.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

/** A picture whose left half is red and whose right half is blue, or transparent. */
async function paint(path: string, options: { readonly orientation?: number; readonly transparent?: boolean } = {}): Promise<void> {
  const [width, height] = [600, 400];
  const right = options.transparent === true ? [0, 0, 0, 0] : [0, 0, 255, 255];
  const row = Array.from({ length: width }, (_, x) => (x < width / 2 ? [255, 0, 0, 255] : right)).flat();
  const pixels = Buffer.concat(Array.from({ length: height }, () => Buffer.from(row)));
  const picture = sharp(pixels, { raw: { width, height, channels: 4 } });
  await picture.withMetadata(options.orientation === undefined ? {} : { orientation: options.orientation }).toFile(path);
}

async function colourAt(path: string, left: number, top: number): Promise<number[]> {
  return [...(await sharp(path).ensureAlpha().extract({ left, top, width: 1, height: 1 }).raw().toBuffer())];
}

describe("makeThumbnail", () => {
  test("cuts a square out of the middle and tells each step", async () => {
    using folder = createTemporaryFolder();
    const [source, target] = [join(folder.path, "a.png"), join(folder.path, "a.thumbnail.png")];
    await paint(source);
    const steps: ThumbnailProgress[] = [];
    const made = await makeThumbnail({ source, target, onStep: step => steps.push(step) });
    expect(made).toMatchObject({ width: 200, height: 200, source: { width: 600, height: 400 } });
    expect(await sharp(target).metadata()).toMatchObject({ format: "png", width: 200, height: 200 });
    expect([await colourAt(target, 10, 100), await colourAt(target, 190, 100)]).toEqual([
      [255, 0, 0, 255],
      [0, 0, 255, 255],
    ]);
    expect(steps.map(({ step, completedSteps, totalSteps }) => `${step} ${completedSteps}/${totalSteps}`)).toEqual([
      "inspected 1/4",
      "resized 2/4",
      "encoded 3/4",
      "written 4/4",
    ]);
  });

  test("turns a picture the right way up", async () => {
    using folder = createTemporaryFolder();
    const [source, target] = [join(folder.path, "a.jpg"), join(folder.path, "t.png")];
    await paint(source, { orientation: 6 }); // a quarter clockwise: what was left is now above
    const made = await makeThumbnail({ source, target });
    expect(made.source).toEqual({ width: 400, height: 600 });
    const [above, below] = [await colourAt(target, 100, 10), await colourAt(target, 100, 190)];
    expect((above[0] ?? 0) > 200 && (below[2] ?? 0) > 200).toBe(true);
  });

  test("keeps transparency", async () => {
    using folder = createTemporaryFolder();
    const [source, target] = [join(folder.path, "a.png"), join(folder.path, "t.png")];
    await paint(source, { transparent: true });
    await makeThumbnail({ source, target, width: 64, height: 64 });
    expect(await sharp(target).metadata()).toMatchObject({ width: 64, hasAlpha: true });
    expect((await colourAt(target, 60, 32))[3]).toBe(0);
  });

  test("says what is wrong with a picture it cannot read, and leaves nothing behind", async () => {
    using folder = createTemporaryFolder();
    const source = join(folder.path, "broken.jpg");
    writeFileSync(source, Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]));
    const attempt = makeThumbnail({ source, target: join(folder.path, "t.png") });
    await expect(attempt).rejects.toThrow(/^No thumbnail can be made: .+\. The picture may be damaged/);
    expect(readdirSync(folder.path)).toEqual(["broken.jpg"]);
  });

  test("stops between two steps when its signal is aborted", async () => {
    using folder = createTemporaryFolder();
    const [source, target] = [join(folder.path, "a.png"), join(folder.path, "t.png")];
    await paint(source);
    const controller = new AbortController();
    const reason = new Error("enough");
    const onStep = ({ step }: ThumbnailProgress): void => {
      if (step === "resized") controller.abort(reason);
    };
    await expect(makeThumbnail({ source, target, signal: controller.signal, onStep })).rejects.toBe(reason);
    await expect(makeThumbnail({ source, target, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(existsSync(target)).toBe(false);
  });
});
