import { explainNext } from "../lifecycle/explain-next.ts";
import { serviceInfo, serviceStatus } from "../lifecycle/service-snapshots.ts";
import type { ServiceHealth } from "../health/service-health.ts";
import type { ServiceInfo } from "../lifecycle/service-info.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { ServiceStatus } from "../lifecycle/service-status.ts";
import type { ExplainedRun } from "../schedule/explain.ts";

/** Questions about one service, which is looked up each time. */
export class ServiceQuery {
  readonly #find: () => ServiceRuntime;

  constructor(find: () => ServiceRuntime) {
    this.#find = find;
  }

  async getStatus(): Promise<ServiceStatus> {
    return serviceStatus(this.#find());
  }

  async getHealth(): Promise<ServiceHealth> {
    const service = this.#find();
    return service.host.checkHealth(service);
  }

  async getInfo(): Promise<ServiceInfo> {
    return serviceInfo(this.#find());
  }

  async explainNext(count = 5): Promise<ExplainedRun[]> {
    return explainNext(this.#find(), count);
  }
}
