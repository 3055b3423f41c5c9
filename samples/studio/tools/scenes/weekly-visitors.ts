const width = 1200;
const height = 800;
const visitors = [420, 510, 470, 640, 820, 1130, 960];
const lastWeek = [380, 430, 520, 560, 700, 980, 1010];
const most = 1200;

const left = 110;
const bottom = 660;
const high = 480;
const slot = (width - left - 70) / visitors.length;

/** A chart of a week: bars for each day, last week as a line. It has no words, so that it looks the same with any fonts. */
export function weeklyVisitors(): string {
  const y = (value: number): number => bottom - (value / most) * high;
  const x = (day: number): number => left + slot * (day + 0.5);
  const grid = [0, 300, 600, 900, 1200].map(
    value => `<line x1="${left}" x2="${width - 70}" y1="${y(value)}" y2="${y(value)}" stroke="#dfe5ee" stroke-width="2"/>
      <rect x="${left - 54}" y="${y(value) - 5}" width="${18 + value / 50}" height="10" rx="5" fill="#c3ccda"/>`,
  );
  const bars = visitors.map((value, day) => {
    const weekend = day > 4;
    const bar = `<rect x="${x(day) - 38}" y="${y(value)}" width="76" height="${bottom - y(value)}" rx="12" fill="url(#${weekend ? "weekend" : "weekday"})"/>`;
    return `${bar}<rect x="${x(day) - 22}" y="${bottom + 22}" width="44" height="12" rx="6" fill="${weekend ? "#f2a65a" : "#7c8ba5"}"/>`;
  });
  const line = lastWeek.map((value, day) => `${day === 0 ? "M" : "L"}${x(day)},${y(value)}`).join(" ");
  const dots = lastWeek.map((value, day) => `<circle cx="${x(day)}" cy="${y(value)}" r="9" fill="#ffffff" stroke="#2f4b7c" stroke-width="5"/>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs>
      <linearGradient id="paper" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#f7f9fc"/><stop offset="1" stop-color="#e6ecf5"/></linearGradient>
      <linearGradient id="weekday" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#5aa9e6"/><stop offset="1" stop-color="#3f72af"/></linearGradient>
      <linearGradient id="weekend" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#ffc26f"/><stop offset="1" stop-color="#f08a4b"/></linearGradient>
      <filter id="shadow" x="-10%" y="-10%" width="120%" height="125%"><feDropShadow dx="0" dy="10" stdDeviation="14" flood-color="#30415f" flood-opacity="0.18"/></filter>
    </defs>
    <rect width="${width}" height="${height}" fill="url(#paper)"/>
    <rect x="28" y="28" width="${width - 56}" height="${height - 56}" rx="26" fill="#ffffff" filter="url(#shadow)"/>
    <rect x="${left - 54}" y="76" width="330" height="26" rx="13" fill="#2f3e57"/><rect x="${left - 54}" y="116" width="210" height="14" rx="7" fill="#aab6c9"/>
    ${grid.join("")}
    <path d="${line} L${x(6)},${bottom} L${x(0)},${bottom} Z" fill="#2f4b7c" opacity="0.1"/>${bars.join("")}
    <path d="${line}" fill="none" stroke="#2f4b7c" stroke-width="6" stroke-linejoin="round" stroke-linecap="round"/>${dots.join("")}
  </svg>`;
}
