import { noteMarks } from "./class-marks.ts";

/**
 * Under `experimentalDecorators` a method's decorator gets the prototype and a name in place of a method and its context: nothing that it says would be found again. So
 * that is a problem of the class. True where it was so. `instead` says what to write below the class of this name.
 */
export function reportOlderRules(target: unknown, what: string, instead: (className: string) => string): boolean {
  const owner = classOf(target);
  if (owner === undefined) return false;
  const problem = `${what}: its decorator was compiled under experimentalDecorators, whose rules are older; turn that off, or write ${instead(owner.name)} below the class`;
  noteMarks(owner, undefined, marks => void marks.problems.push(problem));
  return true;
}

/** The class whose prototype `target` is, if it is one. Never throws. */
function classOf(target: unknown): Function | undefined {
  try {
    const owner = typeof target === "object" && target !== null ? target.constructor : undefined;
    return typeof owner === "function" && owner.prototype === target ? owner : undefined;
  } catch {
    return undefined; // a Proxy whose traps throw
  }
}
