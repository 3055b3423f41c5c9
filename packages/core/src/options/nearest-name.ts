/**
 * The candidate closest to `name`, compared without case, or `undefined` when none is close. Close is at most one edit for
 * each three letters, where an edit adds, drops or replaces a letter or swaps two neighbours; failing that, one name of at
 * least four letters that begins the other. The first of equals wins.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let beginning: string | undefined;
  let limit = Math.max(1, Math.floor(wanted.length / 3));
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    const distance = editDistance(wanted, other, limit);
    if (distance > limit) {
      const shorter = Math.min(wanted.length, other.length);
      if (shorter >= 4 && wanted.slice(0, shorter) === other.slice(0, shorter)) beginning ??= candidate;
      continue;
    }
    best = candidate;
    limit = distance - 1;
    if (limit < 0) break;
  }
  return best ?? beginning;
}

/** Edits between two words; anything over `limit` once they are known to be further apart than that. */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    let smallest = row;
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      current.push(cost);
      smallest = Math.min(smallest, cost);
    }
    if (smallest > limit) return limit + 1;
    beforeLast = last;
    last = current;
  }
  return last[right.length]!;
}
