/** The member by which a host hands its kernel to the control room; registered, so that two copies of the package agree. */
export const kernelOf: unique symbol = Symbol.for("sora.kernel") as never;
