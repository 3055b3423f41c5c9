import { securityHeaders } from "../http/security-headers.ts";
import type { FinalReply, ReplySink } from "../routing/reply.ts";

/** The reply as a fetch `Response`; without its body where the request was a HEAD. */
export function toResponse(reply: FinalReply, method: string, signal: AbortSignal): Response {
  const { status } = reply;
  const headers = { ...securityHeaders(reply.type), ...(reply.type === "" ? undefined : { "content-type": reply.type }), ...reply.headers };
  if (method === "HEAD" || status === 204) return new Response(null, { status, headers });
  if (reply.kind === "text") return new Response(reply.body, { status, headers });
  return new Response(stream(reply.open.bind(reply), signal), { status, headers });
}

function stream(open: (sink: ReplySink) => void, request: AbortSignal): ReadableStream<Uint8Array> {
  const gone = new AbortController();
  const encoder = new TextEncoder();
  let drained = (): void => {};
  if (request.aborted) gone.abort();
  else request.addEventListener("abort", () => gone.abort(), { once: true });
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        open({
          signal: gone.signal,
          write(chunk) {
            if (gone.signal.aborted) return false;
            controller.enqueue(encoder.encode(chunk));
            return (controller.desiredSize ?? 0) > 0;
          },
          onDrain(callback) {
            drained = callback;
          },
          close() {
            if (gone.signal.aborted) return;
            gone.abort();
            controller.close();
          },
          destroy() {
            if (gone.signal.aborted) return;
            gone.abort();
            controller.error(new Error("the client was cut off"));
          },
        });
      },
      pull() {
        drained();
      },
      cancel() {
        gone.abort();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: 65_536 }),
  );
}
