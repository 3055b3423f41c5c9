import type { HostControl, ServiceControl } from "@sora/core/adapter";
import { isValidName } from "@sora/core/internal";
import { refusal } from "../http/http-problem.ts";
import { toProblem } from "../http/to-problem.ts";
import type { RoutedExchange } from "../routing/exchange.ts";

/** A name from the path. @throws HttpProblem 400 for one that no service or action can have. */
export function nameFrom(exchange: RoutedExchange, parameter: string): string {
  const name = exchange.parameters[parameter];
  if (isValidName(name)) return name;
  throw refusal("SORA_REQUEST_INVALID", `The ${parameter} in the path is not 1 to 64 letters, digits, "-" or "_".`);
}

/** The service the path names, whatever its case. @throws HttpProblem 404 `SORA_SERVICE_UNKNOWN`, with the nearest name. */
export function serviceOf(control: HostControl, exchange: RoutedExchange): ServiceControl {
  const name = nameFrom(exchange, "service");
  try {
    return control.find(name);
  } catch (error) {
    throw toProblem(error, { service: name });
  }
}
