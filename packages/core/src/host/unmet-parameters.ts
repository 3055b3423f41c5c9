import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";

/**
 * Warns of a service whose constructor declares parameters that nobody gives it, as one carried over from where a container fills them. It is no error, since they may be
 * optional, which no program can tell.
 */
export function tellOfUnmetParameters(services: readonly ServiceRuntime[]): void {
  for (const service of services) {
    const { token } = service.definition.behaviour;
    if (typeof token !== "function" || token.length === 0 || service.host.container.binding(token) !== undefined) continue;
    const count = token.length === 1 ? "a parameter" : `${token.length} parameters`;
    service.logger.warn(
      `Its constructor declares ${count}, and is given nothing: take dependencies by inject() in a field, or say in \`provide\` how it is made, [${token.name}, () => new ${token.name}(…)]`,
    );
  }
}
