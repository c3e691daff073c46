export { type Agendamentos, criarAgendamentos, type LinhaAgendamento } from "./agendamentos.ts";
export { type ConfigAgendamentos, configAgendamentos, configAgendamentosPadrao } from "./config.ts";
export { criarDepsAgendamentos, type DepsAgendamentos, type DepsComTarefas } from "./deps.ts";
export { importarPlanilha, linhaDoPedido, type RespostaImportacao } from "./importacao.ts";
export { normalizarAgendamentos } from "./jobs/normalizar-agendamentos.ts";
export { estatisticasNormalizacao, saudeFilas, vereditoFila } from "./saude.ts";
export { FILA as FILA_AGENDAMENTOS, normalizarAgendamento } from "./tarefa.ts";
