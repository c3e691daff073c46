export { ensaio } from "./ensaio.ts";
export { etl } from "./etl.ts";
export { fanOut } from "./fan-out.ts";
export { type ServicosPedido, saga } from "./saga.ts";
