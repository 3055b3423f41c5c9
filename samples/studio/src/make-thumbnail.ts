import { rename, rm, writeFile } from "node:fs/promises";

export interface ThumbnailOptions {
  readonly source: string;
  /** Where the thumbnail goes, a PNG whatever the name; its folder must exist. */
  readonly target: string;
  /** In pixels; 200 by default. */
  readonly width?: number;
  /** In pixels; 200 by default. */
  readonly height?: number;
  readonly signal?: AbortSignal;
  /** Told after each step; what it returns is awaited before the next. */
  readonly onStep?: (progress: ThumbnailProgress) => unknown;
}

export interface ThumbnailProgress {
  readonly step: "inspected" | "resized" | "encoded" | "written";
  readonly completedSteps: number;
  readonly totalSteps: number;
}

export interface Thumbnail {
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  /** The size of the picture it was made from, seen the right way up. */
  readonly source: { readonly width: number; readonly height: number };
}

const steps = ["inspected", "resized", "encoded", "written"] as const;

/**
 * Cuts a thumbnail, square unless told otherwise, out of the middle of a picture, the right way up. The target appears complete or not at all.
 * Rejects with what is wrong where the picture cannot be read, and with the signal's reason once that is aborted.
 */
export async function makeThumbnail({ source, target, width = 200, height = 200, signal, onStep }: ThumbnailOptions): Promise<Thumbnail> {
  const done = async (step: ThumbnailProgress["step"]): Promise<void> => {
    await onStep?.({ step, completedSteps: steps.indexOf(step) + 1, totalSteps: steps.length });
    signal?.throwIfAborted();
  };
  signal?.throwIfAborted();
  const { default: sharp } = await import("sharp"); // large, and many runs never see a picture

  const { autoOrient } = await explaining(sharp(source).metadata());
  await done("inspected");

  const pixels = await explaining(sharp(source).autoOrient().resize({ width, height, fit: "cover" }).raw().toBuffer({ resolveWithObject: true }));
  await done("resized");

  const encoded = await explaining(sharp(pixels.data, { raw: pixels.info }).png().toBuffer());
  await done("encoded");

  const unfinished = `${target}.part`;
  try {
    await writeFile(unfinished, encoded);
    await rename(unfinished, target);
  } finally {
    await rm(unfinished, { force: true });
  }
  await done("written");
  return { width: pixels.info.width, height: pixels.info.height, bytes: encoded.byteLength, source: autoOrient };
}

async function explaining<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split("\n")[0]; // the rest repeats it
    throw new Error(`No thumbnail can be made: ${reason}. The picture may be damaged, or of a kind that sharp does not read.`, { cause });
  }
}
