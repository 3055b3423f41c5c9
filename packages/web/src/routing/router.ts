import type { Route } from "./route.ts";

/** Where a path leads. */
export type Match =
  | { readonly kind: "route"; readonly route: Route; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: "wrong method"; readonly allowed: readonly string[] }
  | { readonly kind: "none" };

interface Node {
  readonly literals: Map<string, Node>;
  variable: Node | undefined;
  readonly routes: Map<string, { readonly route: Route; readonly names: readonly string[] }>;
}

const none: Match = { kind: "none" };
const noParameters: Readonly<Record<string, string>> = Object.freeze({});

/** Finds the route of a path as it was sent: segment by segment, nothing normalised, so that no spelling of a path slips past a guard. */
export class Router {
  readonly #root = node();

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route);
  }

  match(method: string, path: string): Match {
    if (path.charCodeAt(0) !== 47) return none;
    const values: string[] = [];
    let at: Node | undefined = this.#root;
    if (path !== "/") {
      for (const segment of path.slice(1).split("/")) {
        const literal: Node | undefined = at.literals.get(segment);
        if (literal !== undefined) at = literal;
        else {
          const value = at.variable === undefined ? undefined : decode(segment);
          if (value === undefined) return none;
          values.push(value);
          at = at.variable as Node;
        }
      }
    }
    if (at.routes.size === 0) return none;
    const found = at.routes.get(method) ?? (method === "HEAD" ? at.routes.get("GET") : undefined);
    if (found === undefined) return { kind: "wrong method", allowed: [...at.routes.keys(), ...(at.routes.has("GET") ? ["HEAD"] : [])] };
    if (values.length === 0) return { kind: "route", route: found.route, parameters: noParameters };
    const parameters: Record<string, string> = {};
    for (let index = 0; index < values.length; index++) parameters[found.names[index] as string] = values[index] as string;
    return { kind: "route", route: found.route, parameters };
  }

  #add(route: Route): void {
    const names: string[] = [];
    let at = this.#root;
    for (const segment of route.path.split("/").filter(part => part !== "")) {
      if (segment.startsWith(":")) {
        names.push(segment.slice(1));
        at = at.variable ??= node();
      } else {
        let next = at.literals.get(segment);
        if (next === undefined) at.literals.set(segment, (next = node()));
        at = next;
      }
    }
    at.routes.set(route.method, { route, names });
  }
}

function node(): Node {
  return { literals: new Map(), variable: undefined, routes: new Map() };
}

/** A segment's text; `undefined` for one that is empty, goes up or down, or hides a separator. */
function decode(segment: string): string | undefined {
  if (segment === "" || segment === "." || segment === "..") return undefined;
  if (!segment.includes("%")) return segment;
  try {
    const text = decodeURIComponent(segment);
    return /[/\\\0]/.test(text) || text === "." || text === ".." ? undefined : text;
  } catch {
    return undefined;
  }
}
