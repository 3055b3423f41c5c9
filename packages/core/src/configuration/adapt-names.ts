import type { StandardSchemaV1 } from "@standard-schema/spec";

/** For each object that was looked at: the name asked for in another case → the name as written, turned around. */
type AskedNames = Map<object, Map<string, string>>;

/**
 * `settings` with its names in the case `schema` reads them: `MaxSize` in a file reaches a schema of `maxSize`, at any depth.
 * The schema is run once against a stand-in to learn what it asks for, and that run's outcome is dropped; names it does not
 * ask for stay as written. Never rejects.
 */
export async function adaptNames(schema: StandardSchemaV1, settings: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
  if (Object.keys(settings).length === 0) return settings;
  const asked: AskedNames = new Map();
  try {
    await schema["~standard"].validate(standIn(settings, asked));
  } catch {
    // it throws for the real settings too, where its caller sees it
  }
  return asked.size === 0 ? settings : (rename(settings, asked) as Readonly<Record<string, unknown>>);
}

function standIn(value: unknown, asked: AskedNames): unknown {
  if (typeof value !== "object" || value === null) return value;
  const members = value as Readonly<Record<string, unknown>>;
  // a copy, since a Proxy may not make up members of a frozen object
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>;
  for (const name of Object.keys(copy)) copy[name] = standIn(copy[name], asked);
  const written = new Map(Object.keys(members).map(name => [name.toLowerCase(), name]));

  const find = (name: string | symbol): string | undefined => {
    if (typeof name === "symbol" || name in copy) return undefined;
    const known = written.get(name.toLowerCase());
    if (known === undefined) return undefined;
    const names = asked.get(value) ?? new Map<string, string>();
    asked.set(value, names.set(known, name));
    return known;
  };
  return new Proxy(copy, {
    get: (target, name, receiver) => Reflect.get(target, find(name) ?? name, receiver) as unknown,
    has: (target, name) => Reflect.has(target, find(name) ?? name),
    getOwnPropertyDescriptor: (target, name) => Reflect.getOwnPropertyDescriptor(target, find(name) ?? name),
  });
}

function rename(value: unknown, asked: AskedNames): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(element => rename(element, asked));
  const names = asked.get(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [names?.get(name) ?? name, rename(member, asked)]));
}
