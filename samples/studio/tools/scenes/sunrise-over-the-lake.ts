import { createSeededChance } from "../seeded-chance.ts";
import { drawRidge } from "./ridge.ts";

const width = 1600;
const height = 1066;
const shore = 640;

/** Mountains in the morning haze, their light on the water, reeds in front. */
export function sunriseOverTheLake(): string {
  const chance = createSeededChance(7);
  const ridges = [
    { base: 560, height: 230, roughness: 0.56, seed: 11, colour: "#8f6a93", opacity: 0.75 },
    { base: 605, height: 190, roughness: 0.54, seed: 23, colour: "#6a4f7f", opacity: 0.85 },
    { base: 632, height: 110, roughness: 0.5, seed: 35, colour: "#3f3563", opacity: 1 },
  ].map(({ colour, opacity, ...ridge }) => {
    const { path } = drawRidge({ ...ridge, width, bottom: shore });
    return `<path d="${path}" fill="${colour}" opacity="${opacity}"/>
      <path d="${path}" fill="${colour}" opacity="${opacity * 0.35}" transform="translate(0 ${shore * 2}) scale(1 -1)"/>`;
  });
  const glitter = Array.from({ length: 170 }, () => {
    const depth = chance() ** 1.6;
    const y = shore + 6 + depth * (height - shore);
    const spread = 40 + depth * 330;
    const x = 1010 + (chance() - 0.5) * 2 * spread;
    const length = 14 + depth * 90 * chance();
    return `<rect x="${(x - length / 2).toFixed(1)}" y="${y.toFixed(1)}" width="${length.toFixed(1)}" height="${(1.5 + depth * 3).toFixed(1)}" rx="2"
      fill="#ffe3b0" opacity="${(0.15 + 0.55 * chance()).toFixed(2)}"/>`;
  });
  const reeds = Array.from({ length: 120 }, () => {
    const left = chance() < 0.7;
    const x = left ? chance() ** 1.7 * 560 : width - chance() ** 1.7 * 300;
    const tall = 90 + chance() * 240;
    const lean = (chance() - 0.35) * 70;
    const stem = `M${x.toFixed(0)},${height + 10} q${(lean * 0.2).toFixed(0)},${(-tall * 0.6).toFixed(0)} ${lean.toFixed(0)},${(-tall).toFixed(0)}`;
    const head = chance() < 0.3 ? `<ellipse cx="${(x + lean).toFixed(0)}" cy="${(height + 10 - tall).toFixed(0)}" rx="5" ry="21" fill="#2a1a2b"/>` : "";
    return `<path d="${stem}" stroke="#1f1730" stroke-width="${(2 + chance() * 3).toFixed(1)}" fill="none" stroke-linecap="round"/>${head}`;
  });
  const birds = Array.from({ length: 7 }, (_, index) => {
    const x = 420 + index * 34 + chance() * 26;
    const y = 190 + Math.abs(index - 3) * 17 + chance() * 12;
    return `<path d="M${x},${y} q9,-11 17,0 q8,-11 17,0" stroke="#3b2a4d" stroke-width="2.6" fill="none" stroke-linecap="round"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs>
      <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
        <stop offset="0" stop-color="#2c3a72"/><stop offset="0.45" stop-color="#a5689b"/>
        <stop offset="0.75" stop-color="#f19a7b"/><stop offset="1" stop-color="#ffd9a0"/>
      </linearGradient>
      <linearGradient id="water" x1="0" y1="0" x2="0" y2="1">
        <stop offset="0" stop-color="#f2ae86"/><stop offset="0.35" stop-color="#a9688f"/><stop offset="1" stop-color="#23264f"/>
      </linearGradient>
      <radialGradient id="glow"><stop offset="0" stop-color="#fff3cf"/><stop offset="0.16" stop-color="#ffdf9c" stop-opacity="0.85"/>
        <stop offset="1" stop-color="#ffb37a" stop-opacity="0"/></radialGradient>
      <filter id="soft"><feGaussianBlur stdDeviation="26"/></filter>
    </defs>
    <rect width="${width}" height="${shore}" fill="url(#sky)"/>
    <circle cx="1010" cy="470" r="430" fill="url(#glow)"/>
    <circle cx="1010" cy="470" r="62" fill="#fff6dc"/>
    <g filter="url(#soft)" fill="#ffd8c2" opacity="0.55">
      <ellipse cx="300" cy="330" rx="330" ry="20"/><ellipse cx="720" cy="260" rx="260" ry="15"/><ellipse cx="1330" cy="300" rx="290" ry="18"/>
    </g>
    <rect y="${shore}" width="${width}" height="${height - shore}" fill="url(#water)"/>
    ${ridges.join("")}
    <g filter="url(#soft)" fill="#ffe0c4" opacity="0.5"><ellipse cx="800" cy="${shore}" rx="980" ry="24"/></g>
    ${glitter.join("")}${birds.join("")}${reeds.join("")}
  </svg>`;
}
