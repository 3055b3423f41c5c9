/** One server-sent event. */
export interface StreamedEvent {
  /** The stream's last id so far, which resumes it. */
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
  /** How long the server would have a client wait before it comes back, in milliseconds, where it has said. */
  readonly retry: number | undefined;
}

/** Reads server-sent events as the WHATWG describes them: any line ends, comments, several `data` lines; an event cut off by the end of the stream is none. */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StreamedEvent> {
  const decoder = new TextDecoder(); // takes a byte order mark away
  let rest = "";
  let id: string | undefined;
  let retry: number | undefined;
  let event = "";
  let data: string[] = [];
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    // a carriage return at the very end may be the first half of a line end
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) yield { id, event: event || "message", data: data.join("\n"), retry };
        event = "";
        data = [];
        continue;
      }
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "data") data.push(value);
      else if (field === "event") event = value;
      else if (field === "id" && !value.includes("\0")) id = value;
      else if (field === "retry" && /^\d+$/.test(value)) retry = Number(value);
    }
  }
}
