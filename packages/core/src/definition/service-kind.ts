/** How a service's work happens: one long `execute`, one `execute` a tick, or one `execute` before the others start. */
export type ServiceKind = "background" | "periodic" | "startup";
