import type { Route } from "./route.ts";

/** Where a path leads. */
export type Match =
  | { readonly kind: "route"; readonly route: Route; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: "wrong method"; readonly allowed: readonly string[] }
  | { readonly kind: "none" };

interface Node {
  readonly literals: Map<string, Node>;
  variable: Node | undefined;
  /** Whether the segment that leads here may stand for text with separators in it. */
  anyText: boolean;
  readonly routes: Map<string, { readonly route: Route; readonly names: readonly string[] }>;
}

const none: Match = { kind: "none" };
const noParameters: Readonly<Record<string, string>> = Object.freeze({});
/** Longest path that leads anywhere. */
const longest = 2_048;
const mostRemembered = 500;

/** Finds the route of a path as it was sent: segment by segment, nothing normalised, so that no spelling of a path slips past a guard. */
export class Router {
  readonly #root = node();
  /** Where paths have led before, by method: clients ask the same thing again. */
  readonly #known = new Map<string, Map<string, Match>>();

  /** @throws Error for a table in which a path could mean two routes. */
  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route);
  }

  match(method: string, path: string): Match {
    const known = this.#known.get(method)?.get(path);
    return known ?? this.#remember(method, path, this.#find(method, path));
  }

  /** Only what leads somewhere is remembered, and little of it, so that nobody can fill it up with nonsense or for long. */
  #remember(method: string, path: string, match: Match): Match {
    if (match.kind !== "route") return match;
    let known = this.#known.get(method);
    if (known === undefined) this.#known.set(method, (known = new Map()));
    else if (known.size === mostRemembered) known.clear();
    known.set(path, match);
    return match;
  }

  #find(method: string, path: string): Match {
    if (path.charCodeAt(0) !== 47 || path.length > longest) return none;
    let values: string[] | undefined;
    let at: Node = this.#root;
    for (let start = 1; path.length > 1 && start <= path.length;) {
      const slash = path.indexOf("/", start);
      const segment = slash < 0 ? path.slice(start) : path.slice(start, slash);
      start = slash < 0 ? path.length + 1 : slash + 1;
      const literal = at.literals.get(segment);
      if (literal !== undefined) at = literal;
      else {
        const value = at.variable === undefined ? undefined : decode(segment, at.variable.anyText);
        if (value === undefined) return none;
        if (values === undefined) values = [value];
        else values.push(value);
        at = at.variable as Node;
      }
    }
    if (at.routes.size === 0) return none;
    const found = at.routes.get(method) ?? (method === "HEAD" ? at.routes.get("GET") : undefined);
    if (found === undefined) return { kind: "wrong method", allowed: [...at.routes.keys(), ...(at.routes.has("GET") ? ["HEAD"] : [])] };
    return { kind: "route", route: found.route, parameters: values === undefined ? noParameters : named(found.names, values) };
  }

  #add(route: Route): void {
    const names: string[] = [];
    let at = this.#root;
    for (const segment of route.path.split("/").filter(part => part !== "")) {
      if (segment.startsWith(":")) {
        names.push(segment.slice(1));
        at = at.variable ??= node();
        at.anyText ||= route.anyText === true;
      } else {
        let next = at.literals.get(segment);
        if (next === undefined) at.literals.set(segment, (next = node()));
        at = next;
      }
    }
    if (at.routes.has(route.method)) throw new Error(`The route table has two routes for ${route.method} ${route.path}.`);
    at.routes.set(route.method, { route, names });
  }
}

function named(names: readonly string[], values: readonly string[]): Readonly<Record<string, string>> {
  const parameters: Record<string, string> = {};
  for (let index = 0; index < values.length; index++) parameters[names[index] as string] = values[index] as string;
  return Object.freeze(parameters);
}

function node(): Node {
  return { literals: new Map(), variable: undefined, anyText: false, routes: new Map() };
}

const plain = /^[\w~.-]+$/;

/** A segment's text; `undefined` for one that is empty, goes up or down, or hides a control character or, unless it is any text, a separator. */
function decode(segment: string, anyText: boolean): string | undefined {
  if (segment === "" || segment === "." || segment === "..") return undefined;
  if (plain.test(segment)) return segment;
  try {
    const text = decodeURIComponent(segment);
    return (anyText ? /\p{Cc}/u : /[/\\\p{Cc}]/u).test(text) || text === "." || text === ".." ? undefined : text;
  } catch {
    return undefined;
  }
}
