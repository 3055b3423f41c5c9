/**
 * Draws the pictures of `samples/studio/inbox/`, the same ones each time: `node samples/studio/tools/make-inbox.ts [folder]`.
 * The texts there are written by hand. One picture is broken and one has the wrong ending on purpose, so that the
 * studio has something to complain about.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import type { Sharp } from "sharp";
import { beachPostcard } from "./scenes/beach-postcard.ts";
import { mountainPanorama } from "./scenes/mountain-panorama.ts";
import { paperLantern } from "./scenes/paper-lantern.ts";
import { portraitOfAGardener } from "./scenes/portrait-of-a-gardener.ts";
import { sunriseOverTheLake } from "./scenes/sunrise-over-the-lake.ts";
import { weeklyVisitors } from "./scenes/weekly-visitors.ts";
import { createSeededChance } from "./seeded-chance.ts";

const folder = process.argv[2] ?? fileURLToPath(new URL("../inbox/", import.meta.url));

/** A scene with a little grain over it, as a camera would leave. */
async function photograph(scene: string, seed: number): Promise<Sharp> {
  const chance = createSeededChance(seed);
  const size = 256;
  const grain = Buffer.from(Array.from({ length: size * size * 4 }, (_, index) => (index % 4 === 3 ? 60 : 128)));
  for (let pixel = 0; pixel < size * size; pixel++) grain.fill(96 + Math.round(chance() * 64), pixel * 4, pixel * 4 + 3);
  const input = await sharp(grain, { raw: { width: size, height: size, channels: 4 } })
    .png()
    .toBuffer();
  const composed = await sharp(Buffer.from(scene))
    .flatten()
    .composite([{ input, tile: true, blend: "soft-light" }])
    .png()
    .toBuffer();
  return sharp(composed);
}

async function save(name: string, picture: Sharp): Promise<void> {
  await write(name, await picture.toBuffer());
}

async function write(name: string, bytes: Buffer): Promise<void> {
  await writeFile(join(folder, name), bytes);
  process.stdout.write(`${name}  ${Math.ceil(bytes.byteLength / 1024)} KiB\n`);
}

const jpeg = { quality: 80, mozjpeg: true } as const;
const png = { compressionLevel: 9, palette: false } as const;

await mkdir(folder, { recursive: true });
await save("sunrise-over-the-lake.jpg", (await photograph(sunriseOverTheLake(), 1)).jpeg(jpeg));
await save("mountain-panorama.jpg", (await photograph(mountainPanorama(), 2)).jpeg(jpeg));
await save("weekly-visitors.png", sharp(Buffer.from(weeklyVisitors())).flatten().removeAlpha().png(png));
await save("paper-lantern.png", sharp(Buffer.from(paperLantern())).png(png));

// Stored lying on its side, as telephones do, with a note (EXIF orientation 6) to turn it a quarter clockwise.
const portrait = await photograph(portraitOfAGardener(), 3);
await save("portrait-of-a-gardener.jpg", portrait.rotate(270).withMetadata({ orientation: 6 }).jpeg(jpeg));

await save("postcard.jpg", sharp(Buffer.from(beachPostcard())).flatten().removeAlpha().png(png)); // a PNG, whatever its name says

const whole = await (await photograph(beachPostcard(), 4)).jpeg(jpeg).toBuffer();
await write("broken-holiday-photo.jpg", whole.subarray(0, Math.floor(whole.byteLength * 0.4)));
