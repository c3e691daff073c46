/** `npm run caos -- [--escala 30] [--so nome,nome] [--json]`: uns sete minutos; processos de verdade contra um Postgres de verdade. */
import { parseArgs } from "node:util";
import { createTestStack, type TestStack } from "#core/db-testing";
import { errorMessage, systemClock } from "#core/runtime";
import type { Medida } from "./caos/cena.ts";
import { condicoes } from "./caos/condicoes.ts";
import { corrida } from "./caos/corrida.ts";
import { morteDoUnico, type OpcoesCena, trocas, umaMorta } from "./caos/mortes.ts";
import { apiFora, apiMorta, bancoLento, bancoReiniciado } from "./caos/quedas.ts";
import { tabela } from "./caos/tabela.ts";
import { tomadas } from "./caos/tomadas.ts";
import { zumbi, zumbiRetomado } from "./caos/zumbis.ts";

/** Segundos do relógio do teste por segundo; alguns ensaios têm a sua, porque contam também o que não corre mais depressa. */
const ESCALA = 30;
interface Ensaio {
  titulo: string;
  escala?: number;
  ensaiar(o: OpcoesCena & { banco: TestStack }): Promise<Medida[]>;
}
const ENSAIOS: Record<string, Ensaio> = {
  unico: { titulo: "kill -9 do único scheduler no segundo 59, 7 minutos fora", ensaiar: morteDoUnico },
  tomadas: {
    titulo: "50 vezes kill -9 de quem executa, 1 s ou pouco mais dentro de um job de 20 s",
    escala: 20,
    ensaiar: tomadas,
  },
  replicas: {
    titulo: "duas réplicas por 1 min e três por 10 min disputando",
    escala: 4,
    ensaiar: (o) => corrida({ ...o, segundos: { 2: 60, 3: 600 } }),
  },
  morta: { titulo: "kill -9 de uma réplica no meio de uma execução", ensaiar: umaMorta },
  zumbi: { titulo: "SIGSTOP de 90 s no meio de uma execução, e volta", ensaiar: zumbi },
  "zumbi-retomado": { titulo: "SIGSTOP entre a reivindicação e o envio, e volta", ensaiar: zumbiRetomado },
  trocas: { titulo: "três trocas de versão (SIGTERM)", escala: 20, ensaiar: trocas },
  api: { titulo: "API fora por três horários", ensaiar: apiFora },
  "api-morta": { titulo: "kill -9 da API no meio de um job", ensaiar: apiMorta },
  banco: { titulo: "Postgres reiniciado sem aviso no meio de uma execução", ensaiar: bancoReiniciado },
  "banco-lento": { titulo: "cada ida ao Postgres 200 ms mais lenta", escala: 12, ensaiar: bancoLento },
};

const { values } = parseArgs({
  options: {
    escala: { type: "string", default: `${ESCALA}` },
    so: { type: "string", default: Object.keys(ENSAIOS).join() },
    json: { type: "boolean", default: false },
  },
});
const escala = Number(values.escala);
const nomes = values.so.split(",");
const errado = nomes.find((n) => ENSAIOS[n] === undefined);
if (errado !== undefined || !(escala >= 1 && escala <= 120)) {
  const problema =
    errado === undefined
      ? "--escala deve ser um número de 1 a 120"
      : `--so: ${errado} não é um de ${Object.keys(ENSAIOS).join(", ")}`;
  process.stderr.write(`${problema}\n`);
  process.exit(1);
}

const escalaDe = (nome: string) => ENSAIOS[nome]?.escala ?? escala;

/** O comando inteiro; o que não couber conta como não cumprido. */
const LIMITE_MS = 480_000;
const comecoMs = systemClock.monotonicMs();
const falhou = (medido: string): Medida[] => [
  { promessa: "o ensaio chega ao fim", limite: "sim", medido, cumprida: false, essencial: true },
];

/** Um ensaio que falha ou não cabe no tempo é uma promessa quebrada, não o fim dos outros. */
async function rodar(nome: string, banco: TestStack): Promise<Medida[]> {
  const restaMs = LIMITE_MS - (systemClock.monotonicMs() - comecoMs);
  if (restaMs <= 0) return falhou("não coube nos 8 minutos do comando");
  let alarme: NodeJS.Timeout | undefined;
  const tarde = new Promise<Medida[]>((resolve) => {
    alarme = setTimeout(() => resolve(falhou("não coube nos 8 minutos do comando")), restaMs);
  });
  const ensaio = ENSAIOS[nome]?.ensaiar({ banco, escala: escalaDe(nome) }) ?? Promise.resolve([]);
  const medidas = await Promise.race([ensaio.catch((err: unknown) => falhou(errorMessage(err))), tarde]);
  clearTimeout(alarme);
  return medidas;
}

const banco = await createTestStack();
const resultados: { titulo: string; escala: number; medidas: Medida[] }[] = [];
if (!values.json) {
  const linhas = condicoes().map(([nome, aqui, producao]) => `  ${nome.padEnd(38)} ${aqui} (${producao})\n`);
  process.stdout.write(`Ensaiado assim (em produção)\n${linhas.join("")}`);
}
try {
  for (const nome of nomes) {
    const titulo = ENSAIOS[nome]?.titulo ?? nome;
    const desdeMs = systemClock.monotonicMs();
    const medidas = await rodar(nome, banco);
    resultados.push({ titulo, escala: escalaDe(nome), medidas });
    const segundos = ((systemClock.monotonicMs() - desdeMs) / 1000).toFixed(0);
    if (!values.json) process.stdout.write(tabela(`${titulo} (×${escalaDe(nome)}, ${segundos} s)`, medidas));
  }
} finally {
  await banco.stop();
}
const falhas = resultados.flatMap((r) => r.medidas).filter((m) => !m.cumprida).length;
const total = resultados.reduce((n, r) => n + r.medidas.length, 0);
const segundos = ((systemClock.monotonicMs() - comecoMs) / 1000).toFixed(0);
if (values.json)
  process.stdout.write(`${JSON.stringify({ aprovado: falhas === 0, condicoes: condicoes(), resultados }, null, 1)}\n`);
else
  process.stdout.write(
    `${total - falhas} de ${total} promessas cumpridas em ${segundos} s: ${falhas === 0 ? "APROVADO" : "REPROVADO"}\n`,
  );
// Um ensaio cortado deixaria esperas; os seus processos terminam com este.
process.exit(falhas === 0 ? 0 : 1);
