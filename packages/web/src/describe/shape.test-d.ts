import { json } from "../routing/reply.ts";
import { flag, shape, text } from "./shape.ts";

interface Answer {
  readonly id: string;
  readonly note?: string;
}

shape<Answer>({ id: text, "note?": text }, "An answer.", { id: "a" });
// @ts-expect-error -- a member that the answer does not have
shape<Answer>({ id: text, "note?": text, other: flag }, "An answer.");
// @ts-expect-error -- one that it has is missing
shape<Answer>({ id: text }, "An answer.");
// @ts-expect-error -- one that may be missing is promised
shape<Answer>({ id: text, note: text }, "An answer.");
// @ts-expect-error -- an example of something else
shape<Answer>({ id: text, "note?": text }, "An answer.", { id: 1 });
// @ts-expect-error -- the type is not named
shape({ id: text }, "An answer.");

json<Answer>({ id: "a" });
// @ts-expect-error -- the type is not named
json({ id: "a" });
