import type { Tick, TickAnswer } from "../../store/tick-store.ts";
import type { Session } from "./session.ts";

export function lastTicks({ sql }: Session, services: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    services.flatMap(service => {
      const row = sql.get<[number]>("SELECT last FROM sora_ticks WHERE service = ?", service);
      return row === undefined ? [] : [[service, row[0]]];
    }),
  );
}

export function takeTick({ sql }: Session, { service, at, gap, fence }: Tick): TickAnswer {
  const [last, highest] = sql.get<[number, number]>("SELECT last, fence FROM sora_ticks WHERE service = ?", service) ?? [Number.NEGATIVE_INFINITY, 0];
  if (at <= last || at - last < gap || (fence ?? highest) < highest) return { taken: false, last };
  sql.run(
    "INSERT INTO sora_ticks (service, last, fence) VALUES (?, ?, ?) ON CONFLICT (service) DO UPDATE SET last = excluded.last, fence = excluded.fence",
    service,
    at,
    Math.max(highest, fence ?? 0),
  );
  return { taken: true, last: at };
}
