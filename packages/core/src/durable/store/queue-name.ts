/** An action and the version of its parameters, as stores know it: `TranslationService/translate@1`. Names hold none of `/` and `@`, so it reads back. */
export interface QueueParts {
  readonly service: string;
  readonly action: string;
  readonly version: number;
}

export function queueName({ service, action, version }: QueueParts): string {
  return `${service}/${action}@${version}`;
}

export function parseQueueName(queue: string): QueueParts {
  const slash = queue.indexOf("/");
  const at = queue.lastIndexOf("@");
  return { service: queue.slice(0, slash), action: queue.slice(slash + 1, at), version: Number(queue.slice(at + 1)) };
}
