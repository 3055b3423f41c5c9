import type { Clock } from "@sora/core/adapter";
import type { ClientBase } from "pg";

/** Milliseconds in which a server may say goodbye. */
const patience = 1_000;

/** Resolves when `ending` does; where a server does not say goodbye, as one that hangs, its connections are cut. Never rejects. */
export async function letGo(clock: Clock, ending: Promise<unknown>, clients: () => Iterable<ClientBase>): Promise<void> {
  const timer = clock.setTimer(() => {
    for (const client of clients()) cut(client);
  }, patience);
  await ending.catch(() => {}); // it is gone, which is all that was wanted
  timer.cancel();
}

/** As pg's own pool does with a connection that is not made in time. */
function cut(client: ClientBase): void {
  (client as unknown as { readonly connection?: { readonly stream: { destroy(): void } } }).connection?.stream.destroy();
}
