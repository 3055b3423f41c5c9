/** Every kind there is. */
export const serviceKinds = ["background", "periodic", "startup"] as const;

/** How a service's work happens: one long `execute`, one `execute` a tick, or one `execute` before the others start. */
export type ServiceKind = (typeof serviceKinds)[number];
