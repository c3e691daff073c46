import type { SlotLabel } from "#core/operations";
import { condicoes, PADRAO, type Rodada } from "./condicoes.ts";
import type { ResultadoSimulacao } from "./simular.ts";

/** Uma semana, do começo do comando à auditoria, com o banco que ele levanta. */
const LIMITE_S = 60;

/** O que se promete em `decisions.md` §3, contado. Cada linha deve ser zero. */
export function faltas(r: ResultadoSimulacao): [promessa: string, achados: readonly string[]][] {
  const { findings } = r.auditoria;
  const rotulados = (...rotulos: SlotLabel[]) =>
    findings.filter((f) => rotulos.includes(f.label)).map((f) => `${f.job} ${f.slot.toISOString()} ${f.label}`);
  return [
    ["horários sem explicação", rotulados("inexplicado", "pendente")],
    ["duplicados (executados e pulados)", rotulados("duplicado")],
    ["fora da agenda", rotulados("fora_da_agenda")],
    ["recebidos duas vezes pela API", r.recebidosDuasVezes],
    ["perdidos com uma réplica sã", r.semJustificativa],
    ["execuções deixadas abertas", r.abertas],
    ["erros do próprio Postgres", r.errosDoBanco],
  ];
}

/** O tempo só tem limite na simulação que se promete; outra custa outro tanto. */
function julgarTempo(rodada: Rodada, totalS: number): { cumprido: boolean; texto: string } {
  const { horas, replicas, stepMs } = PADRAO;
  if (rodada.horas !== horas || rodada.replicas !== replicas || rodada.stepMs !== stepMs) {
    const deQue = `${horas} h com ${replicas} réplicas e passo de ${stepMs / 1000} s`;
    return { cumprido: true, texto: `${totalS.toFixed(1)} s, não julgado: o limite é o de ${deQue}` };
  }
  const cumprido = totalS < LIMITE_S;
  return { cumprido, texto: `${totalS.toFixed(1)} s ${cumprido ? "ok" : "FALHOU"}` };
}

export interface Veredito {
  texto: string;
  aprovado: boolean;
  /** O limite de tempo, como foi julgado. */
  tempo: string;
}

/** `totalS`: do começo do comando ao fim da auditoria. */
export function resumo(
  r: ResultadoSimulacao,
  rodada: Rodada & { semente: number; simulacaoS: number; totalS: number },
): Veredito {
  const lista = (n: Record<string, number>) =>
    Object.entries(n)
      .sort((a, b) => b[1] - a[1])
      .map(([k, v]) => `${k} ${v}`)
      .join(", ") || "nenhum";
  const linha = (nome: string, valor: string | number) => `  ${nome.padEnd(56)} ${valor}\n`;
  const falhas = faltas(r);
  const { simulacaoS, totalS } = rodada;
  const tempo = julgarTempo(rodada, totalS);
  const aprovado = tempo.cumprido && falhas.every(([, achados]) => achados.length === 0);
  let texto = `Simulação: ${rodada.horas} h, ${rodada.replicas} réplicas, semente ${rodada.semente}\n`;
  const { expected, counts } = r.auditoria;
  texto += linha("horários esperados", expected);
  texto += linha(
    "executados no horário, atrasados, recuperados",
    `${counts.no_horario}, ${counts.atrasado}, ${r.recuperados}`,
  );
  texto += linha("pulados, por motivo", lista(r.porMotivo));
  texto += linha("execuções, por fim", lista(r.porStatus));
  const { p50, p99, maximo } = r.atrasoMs;
  texto += linha("atraso do começo (ms): p50, p99, máximo", `${p50}, ${p99}, ${maximo}`);
  texto += linha("perturbações", lista(r.perturbacoes));
  texto += linha("processos que existiram", r.processos);
  texto += linha("chamadas ao banco, em idas, perdidas", `${r.chamadasAoBanco}, ${r.idasAoBanco}, ${r.idasPerdidas}`);
  texto += linha("tempo", `${simulacaoS.toFixed(1)} s de simulação, ${totalS.toFixed(1)} s o comando, com o banco`);
  texto += "Simulado assim (em produção)\n";
  for (const [nome, aqui, producao] of condicoes(rodada)) texto += linha(nome, `${aqui} (${producao})`);
  texto += "Auditoria\n";
  for (const [promessa, achados] of falhas) {
    texto += linha(promessa, `${achados.length} ${achados.length === 0 ? "ok" : "FALHOU"}`);
    for (const achado of achados.slice(0, 5)) if (achado) texto += `      ${achado}\n`;
  }
  texto += linha(`o comando inteiro em menos de ${LIMITE_S} s`, tempo.texto);
  texto += aprovado ? "APROVADO\n" : "REPROVADO\n";
  return { texto, aprovado, tempo: tempo.texto };
}
