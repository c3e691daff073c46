export { type Alerta, gravidade, SEVERIDADES, type Severidade } from "./alerta.ts";
export { horaLocal, type MensagemSlack, mensagemDoAlerta } from "./mensagem-slack.ts";
export {
  type CanalSlack,
  type DestinoAlerta,
  notificarAlertas,
  type ResultadoRodada,
  type RodadaAlertas,
} from "./notificador.ts";
