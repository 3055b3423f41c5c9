import type { ServiceKind } from "../definition/service-kind.ts";

/** What the order depends on, of one service. */
export interface Startable {
  readonly name: string;
  readonly kind: ServiceKind;
  readonly startupOrder: number;
  readonly priority: number;
  /** Names of services of this host that start before it. */
  readonly after: readonly string[];
}

export interface StartOrder<T> {
  readonly ordered: readonly T[];
  /** What makes an order impossible, in sentences. */
  readonly problems: readonly string[];
}

/**
 * Startup services by ascending order, then the others by descending priority, each as listed within equals, and nothing before what it depends on: what a
 * service depends on comes just before it where its own rank would put it later.
 */
export function startOrder<T extends Startable>(services: readonly T[]): StartOrder<T> {
  const ranked = services.toSorted(rank); // stable
  if (services.every(service => service.after.length === 0)) return { ordered: ranked, problems: [] };
  const byName = new Map(services.map(service => [service.name, service]));
  const ordered: T[] = [];
  const problems: string[] = [];
  const done = new Set<T>();
  const visit = (service: T, path: readonly string[]): void => {
    if (done.has(service)) return;
    if (path.includes(service.name)) {
      problems.push(`services depend on each other in a circle: ${[...path.slice(path.indexOf(service.name)), service.name].join(" → ")}`);
      return;
    }
    for (const name of service.after) {
      const other = byName.get(name);
      if (other === undefined) continue;
      if (service.kind === "startup" && other.kind !== "startup")
        problems.push(`startup service ${service.name} depends on ${name}, which starts after all startup services`);
      visit(other, [...path, service.name]);
    }
    if (done.has(service)) return;
    done.add(service);
    ordered.push(service);
  };
  for (const service of ranked) visit(service, []);
  return { ordered, problems: [...new Set(problems)] };
}

function rank(a: Startable, b: Startable): number {
  const startup = Number(b.kind === "startup") - Number(a.kind === "startup");
  if (startup !== 0) return startup;
  return a.kind === "startup" ? a.startupOrder - b.startupOrder : b.priority - a.priority;
}
