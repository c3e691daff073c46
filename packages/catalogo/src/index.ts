export { catalogo } from "./catalogo.ts";
export { type ContextoCompleto, type Entrada, entrada } from "./entrada.ts";
export { FREQUENCIAS, type Frequencia } from "./frequencias.ts";
export { type Recuperacao, recuperacaoDe } from "./recuperacao.ts";
export { type DepsTarefas, type FilaDeTarefas, filasDeTarefas } from "./tarefas.ts";
export { validarCatalogo } from "./validar.ts";
export { type Vigiado, vigiados } from "./vigiados.ts";
export { registroDeWorkers, workers } from "./workers.ts";
