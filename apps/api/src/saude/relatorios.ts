import { saudeGrupos } from "#dominio/grupos";
import { type Relatorio, relatorio } from "./relatorio.ts";

const grupos: Relatorio["calcular"] = ({ db, clock }) => saudeGrupos(db, clock.now());

/** Todos os relatórios de `/health`; as rotas e o OpenAPI são laços sobre esta lista. */
export const RELATORIOS: readonly Relatorio[] = [
  relatorio({
    rota: "/health/jobs",
    resumo: "Cada job do catálogo: última execução, 24 h, atraso, e o que está errado",
    calcular: ({ jobs }) => jobs(),
  }),
  relatorio({ rota: "/health/grupos", resumo: "Fila de grupos por estágio e itens travados", calcular: grupos }),
  relatorio({ rota: "/health/grupos-worker", resumo: "O mesmo, para painéis", calcular: grupos }),
];
