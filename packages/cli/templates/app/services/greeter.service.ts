import { defineService, serviceEvent } from "@sora/core";
import * as z from "zod";

export const Greeted = serviceEvent("Greeted", z.object({ name: z.string() }));

/** Greets whoever asks. */
export const greeter = defineService("Greeter", {
  description: "Greets whoever asks",
  events: { greeted: Greeted },
  actions: {
    greet: {
      description: "Says good morning",
      parameters: z.object({ name: z.string(), politely: z.boolean().default(true) }),
      run: async ({ name, politely }, { emit }) => {
        await emit(Greeted, { name });
        return politely ? `Good morning, ${name}.` : `Hi ${name}!`;
      },
    },
  },
});
