import { html } from "./html.ts";
import { pageReply } from "./page-frame.ts";
import type { HttpProblem } from "../http/http-problem.ts";
import type { Exchange } from "../routing/exchange.ts";
import type { FinalReply } from "../routing/reply.ts";

/** A refusal in plain words, for somebody who has opened the page in a browser; `undefined` for everybody else. */
export function refusalPage(request: Exchange, problem: HttpProblem): FinalReply | undefined {
  if (request.header("accept")?.includes("text/html") !== true) return undefined;
  const { status, code, message, headers } = problem;
  const url = `http://${request.headers("host")[0] ?? "localhost"}${request.base}`;
  const needsToken = code === "SORA_TOKEN_REQUIRED";
  const main = needsToken
    ? html`<h1>This page needs a token</h1>
<p>${message}</p>
<p>A browser cannot send one from its address bar, and this server asks for no password and sets no cookie. Ask it from a terminal instead:</p>
<pre><code>curl -H "Authorization: Bearer $TOKEN" ${url}/api/services
sora services --url ${url} --token $TOKEN</code></pre>
<p>Tokens are set in the host's configuration, under <code>Sora:Web</code>. To look at this page while developing, run the host without a token: then it serves this machine alone.</p>
<p class="soft">Whether the host is alive and ready anybody may ask: <a href="${request.base}/health/live">/health/live</a> and <a href="${request.base}/health/ready">/health/ready</a>.</p>`
    : html`<h1>This page cannot be shown</h1>
<p>${message}</p>
<p class="soft">Code <code>${code}</code>.</p>`;
  return pageReply(status, needsToken ? "A token is needed" : "Not shown", main, headers);
}
