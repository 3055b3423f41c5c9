export { createTestHost } from "./test-host.ts";
export type { TestHost, TestHostOptions } from "./test-host.ts";
export { createVirtualClock } from "./virtual-clock.ts";
export type { VirtualClock, VirtualClockOptions } from "./virtual-clock.ts";
export type { EventRecorder, RecordedEvent } from "./event-recorder.ts";
export { createMemoryLogger } from "../logging/memory-logger.ts";
export type { MemoryLogger, MemoryLogLine } from "../logging/memory-logger.ts";
export { seededChance } from "../time/chance.ts";
export { seededIds } from "../time/ids.ts";
