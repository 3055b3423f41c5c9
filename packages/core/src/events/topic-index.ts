import { SoraError } from "../errors/sora-error.ts";

/** One event of one service, every event of one, or every event of all. */
export type Topic =
  | { readonly kind: "event"; readonly service: string; readonly event: string }
  | { readonly kind: "service"; readonly service: string }
  | { readonly kind: "all" };

/**
 * Reads `"Service:Event"`, `"Service:*"` or `"*"`.
 *
 * @throws SoraError `SORA_OPTION_INVALID` for anything else.
 */
export function parseTopic(topic: string): Topic {
  if (topic === "*") return { kind: "all" };
  const colon = topic.indexOf(":");
  const service = topic.slice(0, Math.max(colon, 0));
  const event = topic.slice(colon + 1);
  if (service === "" || service === "*" || event === "") {
    throw new SoraError("SORA_OPTION_INVALID", `Cannot subscribe to ${JSON.stringify(topic)}: it names no topic.`, {
      details: { topic },
      fix: 'Write "Service:Event", "Service:*" or "*".',
    });
  }
  return event === "*" ? { kind: "service", service } : { kind: "event", service, event };
}

/** Something listed under a topic; lists are in the order of `sequence`. */
export interface Listed {
  readonly sequence: number;
}

const nobody: readonly never[] = Object.freeze([]);

class ServiceTopics<T> {
  /** Under `"Service:*"`. */
  own: readonly T[] = nobody;
  /** Under each `"Service:Event"`. */
  readonly ownByEvent = new Map<string, readonly T[]>();
  /** Who gets an event that nobody named: `own` and those under `"*"`. */
  any: readonly T[] = nobody;
  /** Who gets an event that somebody named. */
  readonly byEvent = new Map<string, readonly T[]>();
}

/**
 * Who listens to what. Finding is two map look-ups and makes nothing; adding and removing build new arrays, so that a
 * list in someone's hands never changes. It grows with subscriptions, not with the names that are emitted.
 */
export class TopicIndex<T extends Listed> {
  readonly #services = new Map<string, ServiceTopics<T>>();
  #all: readonly T[] = nobody;

  /** Whoever is listed for this event, in the order of `sequence`. */
  find(service: string, event: string): readonly T[] {
    const topics = this.#services.get(service);
    if (topics === undefined) return this.#all;
    return topics.byEvent.get(event) ?? topics.any;
  }

  add(topic: Topic, item: T): void {
    this.#change(topic, list => [...list, item]);
  }

  remove(topic: Topic, item: T): void {
    this.#change(topic, list => list.filter(other => other !== item));
  }

  #change(topic: Topic, edit: (list: readonly T[]) => readonly T[]): void {
    if (topic.kind === "all") {
      this.#all = edit(this.#all);
      for (const topics of this.#services.values()) this.#merge(topics);
      return;
    }
    const topics = this.#services.get(topic.service) ?? new ServiceTopics<T>();
    if (topic.kind === "service") {
      topics.own = edit(topics.own);
      this.#merge(topics);
    } else {
      const own = edit(topics.ownByEvent.get(topic.event) ?? nobody);
      if (own.length === 0) {
        topics.ownByEvent.delete(topic.event);
        topics.byEvent.delete(topic.event);
      } else {
        topics.ownByEvent.set(topic.event, own);
        topics.byEvent.set(topic.event, this.#inOrder(own, topics.own));
      }
      topics.any = this.#inOrder(topics.own, nobody);
    }
    if (topics.own.length === 0 && topics.ownByEvent.size === 0) this.#services.delete(topic.service);
    else this.#services.set(topic.service, topics);
  }

  #merge(topics: ServiceTopics<T>): void {
    topics.any = this.#inOrder(topics.own, nobody);
    for (const [event, own] of topics.ownByEvent) topics.byEvent.set(event, this.#inOrder(own, topics.own));
  }

  #inOrder(first: readonly T[], second: readonly T[]): readonly T[] {
    if (second.length === 0 && this.#all.length === 0) return first;
    return [...first, ...second, ...this.#all].toSorted((one, other) => one.sequence - other.sequence);
  }
}
