import { html } from "./html.ts";
import type { Html } from "./html.ts";

/** A dash for the eye, a word for the ear. */
export const none: Html = html`<span class="soft" aria-label="none" role="img">–</span>`;

const looks: Readonly<Record<string, readonly [kind: string, sign: string]>> = {
  running: ["good", "●"],
  completed: ["good", "✓"],
  healthy: ["good", "●"],
  starting: ["busy", "◐"],
  stopping: ["busy", "◑"],
  restarting: ["busy", "↻"],
  degraded: ["busy", "▲"],
  failed: ["bad", "✕"],
  unhealthy: ["bad", "✕"],
  stopped: ["idle", "■"],
  disabled: ["idle", "○"],
  dead: ["bad", "✕"],
  paused: ["idle", "■"],
  unclaimable: ["bad", "✕"],
  damaged: ["bad", "✕"],
  unreachable: ["bad", "✕"],
};

/** A state in words; sign and colour only help. */
export function badge(state: string): Html {
  const [kind, sign] = looks[state] ?? ["idle", "?"];
  return html`<span class="state ${kind}"><span aria-hidden="true">${sign}</span> ${state}</span>`;
}
