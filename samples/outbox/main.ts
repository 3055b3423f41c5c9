import { outboxProcessor, outboxRoute, SoraHost } from "@sora/core";
import { createPostgresStore } from "@sora/postgres";
import pg from "pg";
import { OrderBook, OrderPlaced } from "./order-book.ts";
import { InvoiceSent, InvoiceService } from "./services/invoice.service.ts";

const server = process.env["POSTGRES"] ?? "postgres://postgres@127.0.0.1:5432/test";
const schema = process.env["SCHEMA"] ?? "sora_sample_outbox";
const each = 7;
const customers = ["Ada", "Grace", "Edsger"];

const pool = new pg.Pool({ connectionString: server, max: 8, options: `-c search_path=${schema}` });

try {
  await pool.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
} catch (error) {
  console.error(`PostgreSQL does not answer at ${new URL(server).host}: ${error instanceof Error ? error.message : String(error)}`);
  console.error("Start one, or say where it is: POSTGRES=postgres://user@host:5432/database node --import @sora/core/register samples/outbox/main.ts");
  process.exitCode = 1;
}
if (process.exitCode === undefined) await sell();
await pool.end();

/** One order after the other, some of which turn out to be none. */
async function placeAll(book: OrderBook, customer: string): Promise<PromiseSettledResult<number>[]> {
  const outcomes: PromiseSettledResult<number>[] = [];
  for (let n = 1; n <= each; n++) outcomes.push(...(await Promise.allSettled([book.place({ customer, cents: n % 4 === 3 ? 0 : n * 100 })])));
  return outcomes;
}

async function sell(): Promise<void> {
  const told: string[] = [];
  await using host = await SoraHost.start({
    services: [
      InvoiceService,
      outboxProcessor({ routes: [outboxRoute(OrderPlaced, ({ payload }) => void told.push(`${payload.customer} ${payload.order}`))] }),
    ],
    store: createPostgresStore({ connectionString: server, schema, lease: "3s" }),
    environment: "Development",
    logger: false,
  });
  const invoiced: number[] = [];
  using _ = await host
    .services(InvoiceService)
    .on(InvoiceSent)
    .do(({ order }) => void invoiced.push(order))
    .subscribe();

  const book = new OrderBook(pool, host);
  await book.prepare();
  const before = await book.count();
  // Customers order side by side, each one order after the other.
  const outcomes = (await Promise.all(customers.map(customer => placeAll(book, customer)))).flat();
  const orders = outcomes.flatMap(outcome => (outcome.status === "fulfilled" ? [outcome.value] : []));
  console.log(`${outcomes.length} orders asked for: ${(await book.count()) - before} committed, ${outcomes.length - orders.length} rolled back`);

  const isDone = async (): Promise<boolean> => told.length >= orders.length && invoiced.length >= orders.length && (await host.outbox.counts()).waiting === 0;
  for (const patience = Date.now() + 30_000; !(await isDone()) && Date.now() < patience;) await new Promise(resolve => setTimeout(resolve, 50));
  console.log(`${told.length} told of by the outbox, in the order of each customer:`);
  for (const customer of customers) console.log(`  ${told.filter(line => line.startsWith(customer)).join(", ")}`);
  console.log(`${invoiced.length} invoices sent, none for what was rolled back`);
  const { waiting, dead } = await host.outbox.counts();
  console.log(`${waiting} messages wait, ${dead} could not be delivered`);
  const well = told.length === orders.length && invoiced.toSorted((a, b) => a - b).join() === orders.toSorted((a, b) => a - b).join();
  if (!well) process.exitCode = 1;
}
