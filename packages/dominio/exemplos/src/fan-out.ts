import { z } from "zod";
import { defineWorker, type WorkerDefinition } from "#core/topics";

const Usuario = z.object({ id: z.string(), name: z.string(), email: z.string(), created_at: z.string() });

/** Um cadastro vira três mensagens, ou nenhuma: todas saem na transação que conclui a execução. */
export function fanOut(): WorkerDefinition {
  return defineWorker(
    { name: "fan_out_user_created", topic: "user.created", inputSchema: Usuario },
    async (user, ctx) => {
      await ctx.publish("notifications.welcome", { user_id: user.id, email: user.email });
      await ctx.publish("analytics.user.created", { user_id: user.id, created_at: user.created_at });
      await ctx.publish("crm.contacts.create", { email: user.email, name: user.name });
    },
  );
}
