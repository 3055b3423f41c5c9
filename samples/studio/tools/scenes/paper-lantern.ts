const width = 900;
const height = 1200;

/** A lit paper lantern on a transparent ground, so that its glow has every degree of alpha. */
export function paperLantern(): string {
  const ribs = Array.from({ length: 13 }, (_, index) => {
    const along = (index + 1) / 14;
    const y = 300 + along * 560;
    const half = 290 * Math.sqrt(1 - (2 * along - 1) ** 2 * 0.82);
    return `<path d="M${450 - half},${y} Q450,${y + 46} ${450 + half},${y}" fill="none" stroke="#b8371f" stroke-width="5" opacity="0.55"/>`;
  });
  const tassels = Array.from({ length: 21 }, (_, index) => {
    const x = 400 + index * 5;
    const sway = Math.sin(index / 2.4) * 14;
    return `<path d="M${x},975 q${sway},70 ${sway / 2},${140 + (index % 4) * 9}" stroke="${index % 3 === 0 ? "#ffcf5c" : "#d9482b"}" stroke-width="4" fill="none" stroke-linecap="round"/>`;
  });
  const leaves = [0, 1, 2, 3, 4].map(index => {
    const angle = -54 + index * 27;
    return `<path d="M450,690 q-34,-80 0,-170 q34,90 0,170" fill="#ffe9b8" opacity="0.75" transform="rotate(${angle} 450 690)"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs>
      <radialGradient id="glow"><stop offset="0" stop-color="#ffcf7a" stop-opacity="0.9"/><stop offset="0.5" stop-color="#ff9d4d" stop-opacity="0.35"/>
        <stop offset="1" stop-color="#ff7a3c" stop-opacity="0"/></radialGradient>
      <radialGradient id="paper" cx="0.5" cy="0.55" r="0.62"><stop offset="0" stop-color="#fff0b3"/><stop offset="0.45" stop-color="#ff9f4a"/>
        <stop offset="1" stop-color="#c5321f"/></radialGradient>
      <linearGradient id="wood" x1="0" y1="0" x2="1" y2="0"><stop offset="0" stop-color="#3a2418"/><stop offset="0.5" stop-color="#8a5a35"/><stop offset="1" stop-color="#3a2418"/></linearGradient>
    </defs>
    <circle cx="450" cy="590" r="440" fill="url(#glow)"/>
    <path d="M450,20 V230" stroke="#4a3122" stroke-width="8"/>
    <path d="M300,290 C60,420 60,760 300,890 H600 C840,760 840,420 600,290 Z" fill="url(#paper)"/>
    ${ribs.join("")}${leaves.join("")}
    <circle cx="450" cy="690" r="26" fill="#ffe9b8" opacity="0.9"/>
    <rect x="285" y="230" width="330" height="66" rx="14" fill="url(#wood)"/><rect x="285" y="886" width="330" height="62" rx="14" fill="url(#wood)"/>
    <circle cx="450" cy="964" r="24" fill="#ffcf5c"/>${tassels.join("")}
  </svg>`;
}
