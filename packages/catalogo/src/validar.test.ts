import { expect, test } from "vitest";
import { catalogo } from "./catalogo.ts";
import { validarCatalogo } from "./validar.ts";

test("o catálogo de verdade passa", () => {
  expect(() => validarCatalogo(catalogo)).not.toThrow();
});

test("todas as entradas ruins são ditas de uma vez, pelo nome do job", () => {
  const boa = catalogo.find((e) => e.nome === "processar_grupos");
  if (!boa) throw new Error("falta processar_grupos");
  const validar = () =>
    validarCatalogo([
      boa,
      boa,
      { ...boa, nome: "Com-Maiuscula" },
      { ...boa, nome: "rota_ruim", rota: "/outro/lugar" },
      { ...boa, nome: "cron_ruim", schedule: "61 * * * *" },
      { ...boa, nome: "params_ruins", endpoint: `${boa.rota}?batch_size=abc` },
    ]);
  expect(validar).toThrow("processar_grupos: nome repetido");
  expect(validar).toThrow("Com-Maiuscula: nome fora do padrão");
  expect(validar).toThrow("rota_ruim: rota /outro/lugar fora de /jobs/");
  expect(validar).toThrow(/cron_ruim: .*61/);
  expect(validar).toThrow("params_ruins: batch_size deve ser um inteiro de 1 a 1000");
});
