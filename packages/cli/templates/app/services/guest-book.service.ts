import { ServiceAction, SoraBackgroundService, SoraFluentServiceBase, SoraServices } from "@sora/core";
import { Greeted, greeter } from "./greeter.service.ts";

/** Notes who was greeted, and says so every half a minute. */
@SoraBackgroundService({ description: "Notes who was greeted" })
export class GuestBook extends SoraFluentServiceBase {
  readonly #guests = new Set<string>();

  override async executeCore(signal: AbortSignal): Promise<void> {
    using _ = await SoraServices.of(greeter)
      .on(Greeted)
      .do(({ name }) => void this.#guests.add(name))
      .subscribe();
    for await (const _tick of this.periodicTimer("30s", signal)) this.logger.info(`Guests so far: ${this.#guests.size}`);
  }

  @ServiceAction("list-guests", { description: "Everybody who was greeted" })
  async listGuests(): Promise<string[]> {
    return [...this.#guests];
  }
}
