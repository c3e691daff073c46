export { type ConfigMensagens, configMensagens } from "./config.ts";
export {
  devolverLimites,
  type LimiteEnvio,
  lerLimites,
  limitesGlobais,
  type ReservaEnvio,
  type RespostaReserva,
  reservarLimites,
} from "./limites.ts";
