/** Parte de `bench:agendamentos`, num processo só seu: quanto tempo e memória custa recusar a planilha hostil do índice dado. */
import { lerAgendamentos } from "../../packages/dominio/agendamentos/src/planilha/ler-agendamentos.ts";
import { planilha } from "../../packages/dominio/agendamentos/src/testing/planilha-falsa.ts";
import { PLANILHAS_HOSTIS } from "../../packages/dominio/agendamentos/src/testing/planilhas-hostis.ts";

export interface FimHostil {
  nome: string;
  ms: number;
  /** Do pico de memória do processo, o que a recusa acrescentou. */
  acrescimoMb: number;
}

async function medir(indice: number): Promise<FimHostil> {
  const hostil = PLANILHAS_HOSTIS[indice];
  if (!hostil) throw new Error(`não há planilha hostil ${indice}`);
  await lerAgendamentos(
    planilha([
      ["Nome", "Telefone"],
      ["Ana", "11"],
    ]),
  ); // o código já carregado, como na API
  const arquivo = hostil.arquivo();
  const antes = process.resourceUsage().maxRSS;
  const inicio = performance.now();
  const recusa = await lerAgendamentos(arquivo).then(
    () => null,
    (err: unknown) => err as { code: string; message: string },
  );
  const ms = performance.now() - inicio;
  if (recusa?.code !== hostil.codigo || !hostil.mensagem.test(recusa.message)) {
    throw new Error(`${hostil.nome}: ${recusa ? `${recusa.code}: ${recusa.message}` : "aceita"}`);
  }
  return {
    nome: hostil.nome,
    ms: Math.round(ms),
    acrescimoMb: Math.round((process.resourceUsage().maxRSS - antes) / 1024),
  };
}

process.once("message", (indice: number) => {
  medir(indice).then(
    (fim) => process.send?.(fim, () => process.exit(0)),
    (err: unknown) => {
      process.stderr.write(`${String(err)}\n`);
      process.exit(1);
    },
  );
});
