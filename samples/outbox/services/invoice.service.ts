import { serviceEvent, ServiceAction, ServiceEvent, SoraBackgroundService, SoraFluentServiceBase } from "@sora/core";
import type { Parsed } from "@sora/core";
import * as z from "zod";

export const InvoiceSent = serviceEvent("InvoiceSent", z.object({ order: z.number() }));
const Invoice = z.object({ order: z.number(), customer: z.string() });

/** Sends invoices. It is asked within the transaction that writes the order, so there is one for each order that was committed, and for no other. */
@SoraBackgroundService({ runInTesting: true })
@ServiceEvent(InvoiceSent)
export class InvoiceService extends SoraFluentServiceBase {
  @ServiceAction("send", { parameters: Invoice, concurrency: 4 })
  async send({ order }: Parsed<typeof Invoice>): Promise<void> {
    await this.delay("5ms"); // a mail server would be slower
    await this.emit(InvoiceSent, { order });
  }
}
