import { z } from "zod";

/** An instant as jsonb carries it. */
export const instant = z.string().transform((text, ctx) => {
  const at = new Date(text);
  if (!Number.isNaN(at.getTime())) return at;
  ctx.addIssue({ code: "custom", message: `não é um instante: ${text}` });
  return z.NEVER;
});
