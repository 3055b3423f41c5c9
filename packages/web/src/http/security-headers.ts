type Headers = Readonly<Record<string, string>>;

/** On every answer: it is not to be kept, and to be taken for what it says it is. */
const always: Headers = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** On answers that a browser may make a page, or a part of one, of: they load nothing and stand in no frame. A reply's own headers take precedence. */
const forPages: Headers = Object.freeze({
  ...always,
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
});

const forData: Headers = Object.freeze(always);

/**
 * The headers that stand on an answer of a media type. JSON gets two of them: told not to guess, no browser makes anything but text of it, and each header costs as much as routing the
 * request does.
 */
export function securityHeaders(type: string): Headers {
  return type === "application/json" || type === "application/problem+json" ? forData : forPages;
}
