import type { SlotLabel } from "#core/operations";
import type { ResultadoSimulacao } from "./simular.ts";

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

export function resumo(
  r: ResultadoSimulacao,
  rodada: { semente: number; horas: number; replicas: number; simulacaoS: number; totalS: number },
): { texto: string; aprovado: boolean } {
  const lista = (n: Record<string, number>) =>
    Object.entries(n)
      .sort((a, b) => b[1] - a[1])
      .map(([k, v]) => `${k} ${v}`)
      .join(", ") || "nenhum";
  const linha = (nome: string, valor: string | number) => `  ${nome.padEnd(56)} ${valor}\n`;
  const falhas = faltas(r);
  const aprovado = falhas.every(([, achados]) => achados.length === 0);
  const { simulacaoS, totalS } = rodada;
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
  texto += linha("tempo", `${simulacaoS.toFixed(1)} s de simulação, ${totalS.toFixed(1)} s com o banco`);
  texto += "Auditoria\n";
  for (const [promessa, achados] of falhas) {
    texto += linha(promessa, `${achados.length} ${achados.length === 0 ? "ok" : "FALHOU"}`);
    for (const achado of achados.slice(0, 5)) if (achado) texto += `      ${achado}\n`;
  }
  texto += aprovado ? "APROVADO\n" : "REPROVADO\n";
  return { texto, aprovado };
}
