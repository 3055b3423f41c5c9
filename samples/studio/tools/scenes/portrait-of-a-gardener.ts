import { createSeededChance } from "../seeded-chance.ts";

const width = 1000;
const height = 1300;

/** A gardener in a straw hat, flat and friendly, before a wall of leaves. */
export function portraitOfAGardener(): string {
  const chance = createSeededChance(19);
  const leaves = Array.from({ length: 150 }, () => {
    const x = chance() * width;
    const y = chance() * height;
    const size = 34 + chance() * 60;
    const green = Math.round(96 + chance() * 70);
    const leaf = `M0,0 q${size * 0.45},${-size * 0.4} 0,${-size * 1.5} q${-size * 0.45},${size * 1.1} 0,${size * 1.5}`;
    return `<path d="${leaf}" fill="rgb(${green - 60},${green},${green - 40})" opacity="0.8" transform="translate(${x.toFixed(0)} ${y.toFixed(0)}) rotate(${(chance() * 360).toFixed(0)})"/>`;
  });
  const weave = Array.from(
    { length: 16 },
    (_, index) => `<path d="M${315 + index * 25},${330 - Math.sin((index / 15) * Math.PI) * 150} v130" stroke="#c99a45" stroke-width="3" opacity="0.5"/>`,
  );
  const freckles = Array.from({ length: 14 }, (_, index) => {
    const x = (index % 2 === 0 ? 400 : 560) + chance() * 60;
    return `<circle cx="${x.toFixed(0)}" cy="${(610 + chance() * 50).toFixed(0)}" r="4" fill="#b5704a" opacity="0.7"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs>
      <linearGradient id="wall" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#7fb58a"/><stop offset="1" stop-color="#2f6b4f"/></linearGradient>
      <linearGradient id="skin" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#f0b98d"/><stop offset="1" stop-color="#d4906a"/></linearGradient>
      <linearGradient id="straw" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#f7dc95"/><stop offset="1" stop-color="#d9a94f"/></linearGradient>
      <linearGradient id="shirt" x1="0" y1="0" x2="1" y2="0"><stop offset="0" stop-color="#3f6fa8"/><stop offset="1" stop-color="#2c4f80"/></linearGradient>
    </defs>
    <rect width="${width}" height="${height}" fill="url(#wall)"/>${leaves.join("")}
    <path d="M120,1300 C130,1050 300,940 500,940 C700,940 870,1050 880,1300 Z" fill="url(#shirt)"/>
    <path d="M330,985 V1300 M670,985 V1300" stroke="#8a5a35" stroke-width="46"/>
    <path d="M420,800 h160 v150 q-80,70 -160,0 Z" fill="#c98561"/>
    <path d="M300,520 q-30,250 10,330 q60,40 90,-10 V480 Z M700,520 q30,250 -10,330 q-60,40 -90,-10 V480 Z" fill="#6b3d22"/>
    <ellipse cx="500" cy="610" rx="196" ry="246" fill="url(#skin)"/>
    <ellipse cx="396" cy="672" rx="44" ry="30" fill="#e58a6e" opacity="0.55"/><ellipse cx="604" cy="672" rx="44" ry="30" fill="#e58a6e" opacity="0.55"/>
    ${freckles.join("")}
    <path d="M374,563 q41,-24 82,0 M544,563 q41,-24 82,0" stroke="#5a3420" stroke-width="11" fill="none" stroke-linecap="round"/>
    <ellipse cx="415" cy="606" rx="17" ry="21" fill="#33221a"/><ellipse cx="585" cy="606" rx="17" ry="21" fill="#33221a"/>
    <circle cx="421" cy="598" r="6" fill="#ffffff"/><circle cx="591" cy="598" r="6" fill="#ffffff"/>
    <path d="M500,616 q-24,62 6,74" stroke="#b87350" stroke-width="9" fill="none" stroke-linecap="round"/>
    <path d="M420,738 q80,74 160,0" stroke="#a2492f" stroke-width="12" fill="none" stroke-linecap="round"/>
    <ellipse cx="500" cy="455" rx="400" ry="88" fill="url(#straw)"/>
    <path d="M300,440 C300,230 400,170 500,170 C600,170 700,230 700,440 Q500,500 300,440 Z" fill="url(#straw)"/>${weave.join("")}
    <path d="M299,400 Q500,470 701,400 L702,446 Q500,512 298,446 Z" fill="#c2412d"/>
    <path d="M380,905 q120,110 240,0 l40,60 q-160,130 -320,0 Z" fill="#f2b134"/>
  </svg>`;
}
