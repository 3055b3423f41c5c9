import { createSeededChance } from "../seeded-chance.ts";

const width = 900;
const height = 600;

/** A beach with a sail and a parasol, framed like a postcard. */
export function beachPostcard(): string {
  const chance = createSeededChance(3);
  const waves = Array.from({ length: 46 }, () => {
    const y = 292 + chance() ** 1.3 * 130;
    const x = 40 + chance() * 800;
    return `<path d="M${x.toFixed(0)},${y.toFixed(0)} q12,-6 24,0 q12,6 24,0" stroke="#e9fbff" stroke-width="2.4" fill="none" opacity="${(0.25 + chance() * 0.5).toFixed(2)}"/>`;
  });
  const pebbles = Array.from({ length: 260 }, () => {
    const tone = Math.round(170 + chance() * 60);
    return `<ellipse cx="${(30 + chance() * 840).toFixed(0)}" cy="${(440 + chance() * 125).toFixed(0)}" rx="${(1.5 + chance() * 4).toFixed(1)}" ry="${(1 + chance() * 2).toFixed(1)}" fill="rgb(${tone},${tone - 26},${tone - 72})"/>`;
  });
  const parasol = Array.from({ length: 8 }, (_, index) => {
    const x = 590 + index * 32;
    return `<path d="M718,300 L${x},400 q16,-14 32,0 Z" fill="${index % 2 === 0 ? "#e4572e" : "#fff4e0"}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs>
      <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#4fa3d9"/><stop offset="1" stop-color="#d8f0f7"/></linearGradient>
      <linearGradient id="sea" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#1f7fa8"/><stop offset="1" stop-color="#7fd6d3"/></linearGradient>
      <linearGradient id="sand" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#f7e3ae"/><stop offset="1" stop-color="#dcb673"/></linearGradient>
    </defs>
    <rect width="${width}" height="${height}" fill="#fdfaf3"/>
    <rect x="24" y="24" width="852" height="260" fill="url(#sky)"/><circle cx="180" cy="110" r="44" fill="#fff3c4"/>
    <rect x="24" y="280" width="852" height="160" fill="url(#sea)"/>${waves.join("")}
    <path d="M330,290 l110,0 -22,26 -68,0 Z" fill="#6b3f2a"/><path d="M382,284 V120 L460,272 Z" fill="#fff8ec"/><path d="M376,284 V150 L318,272 Z" fill="#ffd9a8"/>
    <path d="M24,436 Q220,402 450,428 T876,418 V576 H24 Z" fill="url(#sand)"/>${pebbles.join("")}
    <path d="M718,300 L742,520" stroke="#8a5a35" stroke-width="9" stroke-linecap="round"/>${parasol.join("")}
    <ellipse cx="690" cy="522" rx="92" ry="13" fill="#b98f52" opacity="0.5"/>
    <path d="M596,500 l120,-14 14,26 -120,16 Z" fill="#2f8f9d"/>
  </svg>`;
}
