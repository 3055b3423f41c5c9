/** Marks a base class's default, under a registered symbol so that two copies of the package agree. */
const mark = Symbol.for("sora.default");

/** Marks `member` as a default that a subclass may override. */
export function defaultMember<F extends (...args: never[]) => unknown>(member: F): F {
  Object.defineProperty(member, mark, { value: true });
  return member;
}

/** True for a function that a subclass wrote, not a base class's default. */
export function isOverride(member: unknown): member is (...args: never[]) => unknown {
  return typeof member === "function" && !(mark in member);
}

/** A property default that a field or a getter of a subclass replaces. */
export function overridable(value: (instance: object) => unknown): PropertyDescriptor {
  return {
    configurable: true,
    get: defaultMember(function (this: object): unknown {
      return value(this);
    }),
  };
}

/** The value of a property that a subclass overrides, else `undefined`. A getter is asked as a member of `receiver`. */
export function overridden(instance: object, name: string, receiver: object = instance): unknown {
  for (let holder: object | null = instance; holder !== null; holder = Object.getPrototypeOf(holder) as object | null) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, name);
    if (descriptor === undefined) continue;
    if (descriptor.get === undefined) return descriptor.value;
    return isOverride(descriptor.get) ? descriptor.get.call(receiver as never) : undefined;
  }
  return undefined;
}
