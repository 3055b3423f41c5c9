import { expect, test } from "vitest";
import { html } from "./html.ts";

test("html escapes what is put in, in text and in attributes, and leaves HTML alone", () => {
  const evil = `<script>alert("1")</script> & 'x'`;
  expect(String(html`<p title="${evil}">${evil}</p>`)).toBe(
    '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;</p>',
  );
  expect(String(html`<ul>${["a<", html`<li>b</li>`, undefined, 3].map(item => html`${item}`)}</ul>`)).toBe("<ul>a&lt;<li>b</li>3</ul>");
});
