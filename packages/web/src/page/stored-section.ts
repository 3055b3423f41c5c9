import { countedStates } from "../answers/queue-answers.ts";
import { badge, none } from "./badge.ts";
import { html } from "./html.ts";
import { shownTime, span } from "./shown-time.ts";
import type { ActionStatus } from "@sora/core";
import type { StoredQueue } from "../answers/queue-answers.ts";
import type { StoredSchedule } from "../answers/schedule-answers.ts";
import type { Html } from "./html.ts";
import type { StoredView } from "./stored-view.ts";

/** Stored actions: what has failed for good first, with its cause, then what waits, then schedules. */
export function storedSection(view: StoredView, now: number): Html {
  if ("trouble" in view)
    return html`<h2 id="stored">Stored actions</h2>
<p>The store is ${badge("unreachable")}. ${view.trouble}</p>`;
  const { census, queues, dead, schedules } = view;
  const { store, workers, running, concurrency, outbox } = census;
  return html`<h2 id="stored">Stored actions</h2>
<p>In ${store}, worked on by ${workers === 1 ? "1 worker" : `${workers} workers`}. ${concurrency === 0 ? "This host leaves the work to others." : `This host is at work on ${running} of ${concurrency} at once.`}${outbox.waiting + outbox.dead === 0 ? undefined : ` Outbox: ${outbox.waiting} waiting, ${outbox.dead} dead.`}</p>
${dead.length === 0 ? undefined : deadTable(dead, now)}
${queues.length === 0 ? html`<p>Nothing waits.</p>` : queueTable(queues)}
${schedules.length === 0 ? undefined : scheduleTable(schedules, now)}`;
}

function deadTable(dead: readonly ActionStatus[], now: number): Html {
  return html`<h3 id="dead">Dead</h3>
<div class="scroll" role="region" aria-labelledby="dead" tabindex="0">
<table>
<caption>What has failed for good, the last stored first. <code>sora actions retry &lt;id&gt;</code> has it tried again.</caption>
<thead><tr><th scope="col">Id</th><th scope="col">Action</th><th scope="col">State</th><th scope="col" class="number">Attempts</th><th scope="col">When</th><th scope="col">Cause</th></tr></thead>
<tbody>${dead.map(({ id, service, action, state, attempt, finishedAt, error }) => html`<tr><th scope="row"><code>${id}</code></th><td>${service}.${action}</td><td>${badge(state)}</td><td class="number">${attempt}</td><td>${finishedAt === undefined ? none : shownTime(finishedAt, now)}</td><td class="long">${error === undefined ? none : html`${error.message}${error.code === undefined ? undefined : html` <code>${error.code}</code>`}`}</td></tr>`)}</tbody>
</table>
</div>`;
}

function queueTable(queues: readonly StoredQueue[]): Html {
  return html`<h3 id="queues">Queues</h3>
<div class="scroll" role="region" aria-labelledby="queues" tabindex="0">
<table>
<caption>Stored actions by state, whoever stored them; the completed ones are not counted.</caption>
<thead><tr><th scope="col">Action</th><th scope="col">Version</th>${countedStates.map(state => html`<th scope="col" class="number">${state[0]?.toUpperCase()}${state.slice(1)}</th>`)}<th scope="col">Note</th></tr></thead>
<tbody>${queues.map(queueRow)}</tbody>
</table>
</div>`;
}

function queueRow(queue: StoredQueue): Html {
  const { service, action, version, paused, unclaimable } = queue;
  const notes = [paused ? badge("paused") : undefined, unclaimable ? html`${badge("unclaimable")} no worker can run it` : undefined];
  return html`<tr><th scope="row">${service}.${action}</th><td>${version}</td>${countedStates.map(state => html`<td class="number">${queue[state]}</td>`)}<td>${paused || unclaimable ? notes : none}</td></tr>`;
}

function scheduleTable(schedules: readonly StoredSchedule[], now: number): Html {
  return html`<h2 id="schedules">Schedules</h2>
<div class="scroll" role="region" aria-labelledby="schedules" tabindex="0">
<table>
<caption>Those made at run time, by id.</caption>
<thead><tr><th scope="col">Id</th><th scope="col">Action</th><th scope="col">When</th><th scope="col">Next</th><th scope="col">Last</th></tr></thead>
<tbody>${schedules.map(({ id, service, action, paused, nextAt, lastAt, ...when }) => html`<tr><th scope="row">${id}</th><td>${service}.${action}</td><td>${whenText(when)}</td><td>${paused ? badge("paused") : nextAt === undefined ? none : shownTime(nextAt, now)}</td><td>${lastAt === undefined ? none : shownTime(lastAt, now)}</td></tr>`)}</tbody>
</table>
</div>`;
}

function whenText(when: Pick<StoredSchedule, "cron" | "timeZone" | "every" | "error">): Html {
  if (when.error !== undefined) return html`${badge("damaged")} ${when.error.message}`;
  return when.every === undefined ? html`<code>${when.cron}</code> ${when.timeZone}` : html`every ${span(when.every)}`;
}
