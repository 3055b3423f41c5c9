import { SoraError } from "../errors/sora-error.ts";
import { definitionOf } from "../definition/definition-of.ts";
import { isServiceContract } from "../definition/service-contract.ts";
import { isServiceDefinition } from "../definition/service-definition.ts";
import { shown } from "../options/shown.ts";
import { nearestName } from "../options/nearest-name.ts";
import type { AnyServiceDefinition } from "../definition/service-definition.ts";
import type { ServiceContract } from "../definition/service-contract.ts";
import type { ServiceTarget } from "../fluent/shape-of.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";

/** The services of a host, by name. */
export class ServiceRegistry implements Iterable<ServiceRuntime> {
  readonly #byName = new Map<string, ServiceRuntime>();
  #byLowerName: Map<string, ServiceRuntime> | undefined = undefined;
  /** Services that go by another name than their definition's. */
  #renamed: Map<AnyServiceDefinition, ServiceRuntime> | undefined = undefined;
  // What was asked for last, since whoever calls a service tends to call it again.
  #lastTarget: string | ServiceTarget | undefined = undefined;
  #lastFound: ServiceRuntime | undefined = undefined;

  get size(): number {
    return this.#byName.size;
  }

  add(service: ServiceRuntime): void {
    this.#byName.set(service.name, service);
    this.#byLowerName = undefined;
    this.#lastTarget = undefined;
  }

  /** Takes up the name a service's instance gives itself. False where another service has it. */
  rename(service: ServiceRuntime, name: string): boolean {
    const other = this.#lower().get(name.toLowerCase());
    if (other !== undefined && other !== service) return false;
    this.#byName.delete(service.name);
    service.name = name;
    this.add(service);
    (this.#renamed ??= new Map()).set(service.definition, service);
    return true;
  }

  /** Whether a service has this name, in this case. */
  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** The name that the service of `definition` goes by. */
  nameOf(definition: AnyServiceDefinition): string {
    return this.#renamed?.get(definition)?.name ?? definition.name;
  }

  /**
   * The service of a class, a definition, a contract or a name, whatever its case.
   *
   * @throws SoraError `SORA_SERVICE_UNKNOWN`, or `SORA_DEFINITION_INVALID` for a contract with problems.
   */
  find(target: string | ServiceTarget): ServiceRuntime {
    if (target === this.#lastTarget && this.#lastFound !== undefined) return this.#lastFound;
    this.#lastFound = this.#find(target);
    this.#lastTarget = target;
    return this.#lastFound;
  }

  /** All of them as they are now. Quicker than the iterator where there are very many. */
  list(): ServiceRuntime[] {
    return Array.from(this.#byName.values());
  }

  [Symbol.iterator](): IterableIterator<ServiceRuntime> {
    return this.#byName.values();
  }

  #find(target: string | ServiceTarget): ServiceRuntime {
    if (typeof target === "string") return this.#byName.get(target) ?? this.#lower().get(target.toLowerCase()) ?? this.#refuse(target);
    if (isServiceContract(target)) return this.#agreed(target);
    if (typeof target !== "function" && !isServiceDefinition(target)) throw noTarget(target);
    const definition = typeof target === "function" ? definitionOf(target) : target;
    const service = this.#byName.get(definition.name);
    return service?.definition === definition
      ? service
      : (this.#renamed?.get(definition) ?? (service === undefined ? this.#refuse(definition.name) : this.#refuseOther(definition.name)));
  }

  /** A contract names a service and says nothing of who runs it. */
  #agreed({ name, problems }: ServiceContract): ServiceRuntime {
    if (problems.length > 0)
      throw new SoraError("SORA_DEFINITION_INVALID", `Cannot call by this contract: ${problems.join("; ")}.`, {
        details: { problems: problems.map(problem => ({ service: name, problem })) },
      });
    return this.#find(name);
  }

  #lower(): Map<string, ServiceRuntime> {
    return (this.#byLowerName ??= new Map([...this].map(service => [service.name.toLowerCase(), service])));
  }

  /** A module that was loaded twice, or a service that stands in for another, has the name and is not the one asked for. */
  #refuseOther(name: string): never {
    throw new SoraError(
      "SORA_SERVICE_UNKNOWN",
      `Cannot tell which service is meant: "${name}" on this host is made from another class or definition than the one given here.`,
      {
        details: { service: name },
        fix: `Give the host this very class or definition, and see that its module is loaded once; or call by name, SoraServices.named("${name}").`,
      },
    );
  }

  #refuse(name: string): never {
    const shown = name.slice(0, 80);
    const nearest = nearestName(shown, this.#byName.keys());
    throw new SoraError("SORA_SERVICE_UNKNOWN", `There is no service "${shown}" on this host${nearest === undefined ? "" : `; did you mean "${nearest}"?`}`, {
      details: { service: shown, ...(nearest === undefined ? undefined : { nearest }) },
    });
  }
}

/** For what is no service at all, such as a class whose module is still being loaded. */
function noTarget(target: unknown): SoraError {
  const why = target === undefined ? "undefined: it is declared further down, or its module imports this one" : shown(target);
  return new SoraError("SORA_OPTION_INVALID", `Cannot tell which service is meant by ${why}.`, {
    details: { seen: shown(target) },
    fix: "Name the service by its class, its definition, its contract or its name.",
  });
}
