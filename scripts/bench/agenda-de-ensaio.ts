import { planilha } from "../../packages/dominio/agendamentos/src/testing/planilha-falsa.ts";

const CABECALHO = ["Nome", "Telefone", "Data", "Endereço completo", "CPF", "RG"];

/** Uma planilha de `n` linhas com endereço e documentos; com `soEndereco`, cada uma custa uma só chamada a um LLM. */
export function agendaDeEnsaio(n: number, soEndereco = false): Buffer {
  const umaLinha = (i: number) =>
    soEndereco
      ? [`Paciente ${i}`, "11", 45658, `Rua Vergueiro ${i}, São Paulo SP`, null, null]
      : [
          `Paciente ${i}`,
          `11 9${String(i).padStart(8, "0")}`,
          45658 + (i % 300),
          `R. Vergueiro, ${i + 1} - Apto ${i % 90} - Liberdade - São Paulo/SP - 01504-000`,
          52998224725,
          "24.678.131-2 SSP/SP",
        ];
  return planilha([CABECALHO, ...Array.from({ length: n }, (_, i) => umaLinha(i))]);
}
