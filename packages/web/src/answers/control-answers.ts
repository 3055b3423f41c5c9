import type {
  ActionStatus,
  ActionStatusPage,
  AggregateHealth,
  DeadMessage,
  PausedQueue,
  ServiceHealth,
  ServiceInfo,
  ServiceStatus,
  StoredError,
} from "@sora/core";
import type { CancelAnswer, RetryAnswer, StoredActionOutcome } from "./action-answers.ts";
import type { AcceptedCall, ActionAnswer, CallOutcome, CommandAnswer, StoredCall } from "./call-answers.ts";
import type { LivenessAnswer, ReadinessAnswer } from "./health-answers.ts";
import type { OutboxRetryAnswer, OutboxState } from "./outbox-answers.ts";
import type { ProblemDocument } from "./problem-document.ts";
import type { QueueAnswer, StoredQueue, StoredQueues } from "./queue-answers.ts";
import type { StoredSchedule, StoredSchedulePage } from "./schedule-answers.ts";

/** What the control plane answers with, and what such answers hold, by their names in a contract's `components.schemas`: each has a schema there of the same members. */
export interface ControlAnswers extends StoredAnswers {
  readonly Problem: ProblemDocument;
  readonly LastError: NonNullable<ServiceStatus["lastError"]>;
  readonly ServiceStatus: ServiceStatus;
  readonly ServiceHealth: ServiceHealth;
  readonly HostHealth: AggregateHealth;
  readonly Liveness: LivenessAnswer;
  readonly Readiness: ReadinessAnswer;
  readonly EffectiveValue: ServiceInfo["settings"][string];
  readonly ServiceInfo: ServiceInfo;
  readonly CommandAnswer: CommandAnswer;
  readonly ActionAnswer: ActionAnswer;
  readonly AcceptedCall: AcceptedCall;
  readonly CallOutcome: CallOutcome;
}

/** Those about stored work. */
export interface StoredAnswers {
  readonly StoredError: StoredError;
  readonly StoredAction: ActionStatus;
  readonly StoredActionOutcome: StoredActionOutcome;
  readonly StoredActionPage: ActionStatusPage;
  readonly StoredCall: StoredCall;
  readonly CancelAnswer: CancelAnswer;
  readonly RetryAnswer: RetryAnswer;
  readonly StoredQueue: StoredQueue;
  readonly PausedQueue: PausedQueue;
  readonly StoredQueues: StoredQueues;
  readonly QueueAnswer: QueueAnswer;
  readonly StoredSchedule: StoredSchedule;
  readonly StoredSchedulePage: StoredSchedulePage;
  readonly DeadMessage: DeadMessage;
  readonly OutboxState: OutboxState;
  readonly OutboxRetryAnswer: OutboxRetryAnswer;
}
