import type { HostControl, ServiceControl } from "@sora/core/adapter";
import { isValidName } from "@sora/core/adapter";
import { HttpProblem } from "../http/http-problem.ts";
import type { RoutedExchange } from "../routing/exchange.ts";

/** A name from the path. @throws HttpProblem 400 for one that no service or action can have. */
export function nameFrom(exchange: RoutedExchange, parameter: string): string {
  const name = exchange.parameters[parameter];
  if (isValidName(name)) return name;
  throw new HttpProblem(400, "SORA_REQUEST_INVALID", `The ${parameter} in the path is not 1 to 64 letters, digits, "-" or "_".`);
}

/** The service the path names. @throws SoraError `SORA_SERVICE_UNKNOWN`, with the nearest name. */
export function serviceOf(control: HostControl, exchange: RoutedExchange): ServiceControl {
  return control.find(nameFrom(exchange, "service"));
}
