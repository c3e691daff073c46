import { expect, test } from "vitest";
import { nearNames } from "./near-names.ts";

const names = ["heartbeat", "processar_grupos", "processar_handoffs", "verificar_alertas", "verificar_alertas_grupos"];

test.each([
  ["procesar_grupos", ["processar_grupos"]],
  ["Processar-Grupos", ["processar_grupos"]],
  ["grupos", ["processar_grupos", "verificar_alertas_grupos"]],
  ["heartbeet", ["heartbeat"]],
  ["faturamento", []],
])("%s may mean %j", (given, near) => {
  expect(nearNames(given, names)).toEqual(near);
});
