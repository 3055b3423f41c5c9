import { createSeededChance } from "../seeded-chance.ts";

export interface RidgeOptions {
  readonly width: number;
  /** Where the ridge runs on average, from the top. */
  readonly base: number;
  /** How far its summits rise above `base`. */
  readonly height: number;
  /** Down to where the shape is filled. */
  readonly bottom: number;
  /** How fast the steps get smaller: 0.4 makes round hills, 0.6 jagged mountains. */
  readonly roughness: number;
  readonly seed: number;
}

export interface Ridge {
  /** The outline as the `d` of an SVG path. */
  readonly path: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A mountain ridge: a line broken in the middle again and again, each time a little less far. */
export function drawRidge({ width, base, height, bottom, roughness, seed }: RidgeOptions): Ridge {
  const chance = createSeededChance(seed);
  let line = [chance(), chance(), chance(), chance(), chance()];
  let step = 0.5;
  while (line.length < 250) {
    const amount = step;
    line = line.flatMap((here, index) => {
      const next = line[index + 1];
      return next === undefined ? [here] : [here, (here + next) / 2 + (chance() - 0.5) * amount];
    });
    step *= roughness;
  }
  const points = line.map((rise, index) => [(index / (line.length - 1)) * width, base - rise * height] as const);
  const outline = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" L");
  return { path: `M0,${bottom} L${outline} L${width},${bottom} Z`, points };
}
