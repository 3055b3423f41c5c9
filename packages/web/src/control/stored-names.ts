import type { HostControl, ServiceControl } from "@sora/core/adapter";

/** How the store knows a service: as this host writes it, whatever the case; one that is not here as it was asked for, since the store holds work of other hosts too. */
export function storedServiceName(control: HostControl, name: string): string {
  return local(control, name)?.name ?? name;
}

/** Whether the action's own definition, on this host, says that what it is called with may be shown. */
export function showsParameters(control: HostControl, service: string, action: string): boolean {
  const here = local(control, service);
  return here?.name === service && here.actions.get(action)?.options.visibleParameters === true;
}

function local(control: HostControl, name: string): ServiceControl | undefined {
  try {
    return control.find(name);
  } catch {
    return undefined;
  }
}
