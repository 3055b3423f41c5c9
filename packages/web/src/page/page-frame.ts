import { randomBytes } from "node:crypto";
import { html, Html } from "./html.ts";
import type { FinalReply, ReplyHeaders } from "../routing/reply.ts";

const dark = "@media (prefers-color-scheme: dark)"; // named here, since @ at the beginning of a line has tools take a file for one with decorators

/** Colours are never the only sign, and hold a contrast of 4.5 in both schemes. */
const style = new Html(`
:root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --back: #ffffff; --line: #d0d7de; --band: #f3f5f8; --link: #0550ae; --good: #116329; --busy: #7a4b00; --bad: #a40e26; --idle: #57606a; }
${dark} { :root { --text: #e6edf3; --soft: #9aa5b1; --back: #0d1117; --line: #343b44; --band: #161b22; --link: #79b8ff; --good: #56d364; --busy: #e3b341; --bad: #ff7b72; --idle: #9aa5b1; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 1.5rem; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
p { margin: .35rem 0; } .soft { color: var(--soft); }
a { color: var(--link); } a:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
ul.links { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: .75rem 0 0; padding: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: start; color: var(--soft); padding: 0 0 .4rem; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .75rem .4rem 0; text-align: start; vertical-align: top; }
th, td { padding-inline-start: .5rem; } thead th { background: var(--band); vertical-align: bottom; } tbody th { font-weight: 600; }
.number { text-align: end; font-variant-numeric: tabular-nums; padding-inline-end: .5rem; } .long { min-width: 14rem; overflow-wrap: anywhere; }
time, td code, th code { white-space: nowrap; } .under { display: block; font-weight: 400; }
.state { white-space: nowrap; font-weight: 600; } .good { color: var(--good); } .busy { color: var(--busy); } .bad { color: var(--bad); } .idle { color: var(--idle); }
code { font-family: ui-monospace, monospace; font-size: .92em; }
pre { background: var(--band); border: 1px solid var(--line); border-radius: .3rem; overflow-x: auto; padding: .75rem; }
`);

/** A whole page: no script, nothing from elsewhere, and a policy that lets nothing else in. */
export function pageReply(status: number, title: string, main: Html, headers?: ReplyHeaders): FinalReply {
  const nonce = randomBytes(16).toString("base64");
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`;
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return { kind: "text", status, type: "text/html; charset=utf-8", body: page.toString(), headers: { "content-security-policy": policy, ...headers } };
}
