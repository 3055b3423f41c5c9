import { createSeededChance } from "../seeded-chance.ts";
import { drawRidge } from "./ridge.ts";

const width = 2600;
const height = 1300;

/** A clear day in high mountains: seven ridges that get paler with distance, snow on the farthest, a wood in front. */
export function mountainPanorama(): string {
  const chance = createSeededChance(42);
  const ridges = ["#b9cfe4", "#9dbbd6", "#7fa4c4", "#648cab", "#4c7488", "#3c6163", "#2c4a41"].map((colour, index) => {
    const base = 640 + index * 88;
    const ridge = drawRidge({
      width,
      base,
      height: 420 - index * 45,
      bottom: height,
      roughness: 0.6 - index * 0.025,
      seed: 100 + index * 7,
    });
    const snow = index > 1 ? "" : `<path d="${ridge.path}" fill="url(#snow)" opacity="${0.9 - index * 0.35}"/>`;
    const haze = `<rect y="${base - 60}" width="${width}" height="190" fill="url(#haze)" opacity="0.5"/>`;
    return `<path d="${ridge.path}" fill="${colour}"/>${snow}${index < 5 ? haze : ""}`;
  });
  const clouds = Array.from({ length: 9 }, () => {
    const x = chance() * width;
    const y = 110 + chance() * 260;
    const puffs = Array.from({ length: 7 }, (_, index) => {
      const radius = 26 + 46 * chance() * (1 - Math.abs(index - 3) / 5);
      return `<ellipse cx="${(x + (index - 3) * 52).toFixed(0)}" cy="${(y - radius * 0.4).toFixed(0)}" rx="${(radius * 1.5).toFixed(0)}" ry="${radius.toFixed(0)}"/>`;
    });
    return `<g opacity="${(0.5 + chance() * 0.4).toFixed(2)}">${puffs.join("")}</g>`;
  });
  const trees = Array.from({ length: 260 }, (_, index) => {
    const x = (index / 260) * width + (chance() - 0.5) * 30;
    const tall = 70 + chance() * 150;
    const foot = height - 8 + chance() * 30;
    const shade = Math.round(26 + chance() * 26);
    const tiers = [0, 1, 2, 3].map(tier => {
      const top = foot - tall + tier * tall * 0.2;
      const half = tall * (0.09 + tier * 0.055);
      const end = top + tall * 0.36;
      return `M${x.toFixed(0)},${top.toFixed(0)} L${(x + half).toFixed(0)},${end.toFixed(0)} L${(x - half).toFixed(0)},${end.toFixed(0)} Z`;
    });
    return `<path d="${tiers.join(" ")}" fill="rgb(${shade - 12},${shade + 16},${shade + 4})"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs>
      <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
        <stop offset="0" stop-color="#3f7fc1"/><stop offset="0.5" stop-color="#9cc8ea"/><stop offset="1" stop-color="#eaf4fa"/>
      </linearGradient>
      <linearGradient id="snow" gradientUnits="userSpaceOnUse" x1="0" y1="230" x2="0" y2="560">
        <stop offset="0.2" stop-color="#ffffff"/><stop offset="0.75" stop-color="#ffffff" stop-opacity="0.45"/>
        <stop offset="1" stop-color="#ffffff" stop-opacity="0"/>
      </linearGradient>
      <linearGradient id="haze" x1="0" y1="0" x2="0" y2="1">
        <stop offset="0" stop-color="#f3f9fc" stop-opacity="0"/><stop offset="0.6" stop-color="#f3f9fc"/><stop offset="1" stop-color="#f3f9fc" stop-opacity="0"/>
      </linearGradient>
      <filter id="soft"><feGaussianBlur stdDeviation="14"/></filter>
    </defs>
    <rect width="${width}" height="${height}" fill="url(#sky)"/>
    <circle cx="2080" cy="210" r="70" fill="#fffbe8"/>
    <g filter="url(#soft)" fill="#ffffff">${clouds.join("")}</g>
    ${ridges.join("")}${trees.join("")}
  </svg>`;
}
