/** A mistake that could be made in the code, made on purpose, to see that the simulator finds it. */
export interface PlantedBug {
  readonly name: string;
  /** Makes the mistake until what is returned is disposed of. */
  plant(): Disposable;
}

type Method = (this: any, ...args: any[]) => any; // it stands for any method

/** A getter that says something else. */
export function lie(name: string, prototype: object, member: string, said: () => unknown): PlantedBug {
  return {
    name,
    plant() {
      const original = Object.getOwnPropertyDescriptor(prototype, member) as PropertyDescriptor;
      Object.defineProperty(prototype, member, { ...original, get: said });
      return { [Symbol.dispose]: () => void Object.defineProperty(prototype, member, original) };
    },
  };
}

/** A method that does something else. */
export function bug(name: string, prototype: object, member: string, mistake: (original: Method) => Method): PlantedBug {
  return {
    name,
    plant() {
      const holder = prototype as Record<string, Method>;
      const original = holder[member] as Method;
      holder[member] = mistake(original);
      return { [Symbol.dispose]: () => void (holder[member] = original) };
    },
  };
}
