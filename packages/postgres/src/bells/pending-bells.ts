import type { StoreBell } from "@sora/core/adapter";

/** Ids that one notification names at most; its text must be shorter than 8,000 bytes. */
const mostIds = 400;
const longestText = 7_000;

type Ids = Set<string> | "any";

/** Bells that have not been told to the others yet, so put together that they take few notifications. */
export class PendingBells {
  readonly #plain = new Set<"ready" | "scheduled">();
  readonly #named: Record<"settled" | "cancelling", Ids> = { settled: new Set(), cancelling: new Set() };

  get empty(): boolean {
    return this.#plain.size === 0 && Object.values(this.#named).every(ids => ids !== "any" && ids.size === 0);
  }

  add(bell: StoreBell): void {
    if (bell.kind === "ready" || bell.kind === "scheduled") {
      this.#plain.add(bell.kind);
      return;
    }
    const ids = this.#named[bell.kind];
    if (ids === "any") return;
    for (const id of bell.ids ?? []) ids.add(id);
    if (bell.ids === undefined || ids.size > mostIds) this.#named[bell.kind] = "any";
  }

  /** Everything there is, which is then gone. Where ids would not fit, they are left out: it may then concern any. */
  take(): readonly StoreBell[] {
    const bells: StoreBell[] = Array.from(this.#plain, kind => ({ kind }));
    this.#plain.clear();
    for (const kind of ["settled", "cancelling"] as const) {
      const ids = this.#named[kind];
      this.#named[kind] = new Set();
      if (ids === "any") bells.push({ kind });
      else if (ids.size > 0) bells.push(...chunks([...ids]).map(chunk => ({ kind, ...(chunk === undefined ? undefined : { ids: chunk }) })));
    }
    return bells;
  }
}

/** Ids in lists that fit into a notification each; one undefined list where one of them does not. */
function chunks(ids: readonly string[]): readonly (readonly string[] | undefined)[] {
  const lists: string[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const id of ids) {
    const more = Buffer.byteLength(JSON.stringify(id)) + 1;
    if (more > longestText) return [undefined];
    if (length + more > longestText) {
      lists.push([]);
      length = 0;
    }
    (lists.at(-1) as string[]).push(id);
    length += more;
  }
  return lists;
}
