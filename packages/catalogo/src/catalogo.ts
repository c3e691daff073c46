import { normalizarAgendamentos } from "#dominio/agendamentos";
import { processarEventos } from "#dominio/eventos";
import * as grupos from "#dominio/grupos";
import { heartbeat } from "#dominio/monitoramento";
import { enriquecerOfertas } from "#dominio/ofertas";
import { type Entrada, entrada } from "./entrada.ts";

/**
 * O catálogo: rotas, horários, SLAs, OpenAPI, a tabela do README e o painel são laços sobre esta lista. Horários de
 * Brasília. Uma entrada entra quando o seu job funciona.
 */
export const catalogo: readonly Entrada[] = [
  entrada(heartbeat, "* * * * *", "1_minuto", { funcao: "Heartbeat para monitoramento" }),
  entrada(grupos.processarGrupos, "* * * * *", "1_minuto", {
    critico: true,
    params: { batch_size: 200, max_workers: 20 },
    funcao: "Processa mensagens de grupos WhatsApp",
  }),
  entrada(processarEventos, "* * * * *", "1_minuto", { funcao: "Drena as mensagens de tópicos" }),
  entrada(grupos.verificarAlertasGrupos, "*/15 * * * *", "15_minutos", { funcao: "Verifica alertas de grupos" }),
  entrada(grupos.consolidarMetricasGrupos, "0 1 * * *", "diario", { funcao: "Consolida métricas do dia anterior" }),
  entrada(grupos.limparGruposFinalizados, "0 3 * * *", "diario", { funcao: "Limpa grupos finalizados" }),
  entrada(normalizarAgendamentos, "* * * * *", "1_minuto", {
    funcao: "Normaliza endereços e documentos de agendamentos",
  }),
  entrada(enriquecerOfertas, "*/5 * * * *", "5_minutos", {
    funcao: "Lê preço anterior, desconto e link de afiliado das ofertas",
  }),
];
