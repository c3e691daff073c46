import type { DataLida } from "./datas.ts";
import { turnosDe } from "./heranca.ts";
import type { Leitura } from "./leitura.ts";
import type { Turno } from "./turnos.ts";

/** Uma data com o seu turno, e as linhas que os disseram. */
export interface Esboco {
  data: DataLida;
  turno: Turno | null;
  leitura: Leitura;
  /** A linha de período que o completou, se não foi a da data. */
  complemento: Leitura | null;
  posicao: number;
}

const temData = (l: Leitura) => l.datas.length > 0;

/** X2: datas × turnos. Sem turno a data fica pendente e as linhas de período seguintes a completam, uma a mais para cada uma. */
export function esbocar(leituras: readonly Leitura[]): { esbocos: Esboco[]; complementos: Set<Leitura> } {
  const esbocos: Esboco[] = [];
  const complementos = new Set<Leitura>();
  let cabecalho: Turno | null = null;
  let pendentes: Esboco[] = [];
  let completados = false;
  const legendas: Turno[] = [];
  const soltos: TurnoSolto[] = [];
  for (const [posicao, leitura] of leituras.entries()) {
    if (temData(leitura)) {
      if (leitura.encerrado) {
        pendentes = [];
        continue; // X6: só os plantões desta linha saem
      }
      if (completados) pendentes = [];
      completados = false;
      const turnos = turnosDe(leituras, posicao);
      for (const data of leitura.datas) {
        const meus: (Turno | null)[] = turnos.length > 0 ? turnos : [cabecalho];
        for (const turno of meus) {
          const e: Esboco = { data, turno, leitura, complemento: null, posicao };
          esbocos.push(e);
          if (turno === null) pendentes.push(e);
        }
      }
      if (turnos.length > 0 || cabecalho !== null) pendentes = [];
      continue;
    }
    if (leitura.turnos.length === 0 || refinarHorario(esbocos, leitura.turnos)) continue;
    if (pendentes.length === 0) {
      // Um período antes das datas vale para elas; com vários, são chaves de preço.
      const unico = leitura.turnos.length === 1 ? (leitura.turnos[0] ?? null) : null;
      if (unico) cabecalho = unico;
      const depoisDe = esbocos.at(-1)?.leitura;
      if (unico && depoisDe && !leitura.encerrado) soltos.push({ leitura, posicao, turno: unico, depoisDe });
      legendas.push(...leitura.turnos);
      continue;
    }
    complementos.add(leitura);
    for (const turno of leitura.turnos) {
      if (!completados) {
        for (const p of pendentes) Object.assign(p, { turno, complemento: leitura });
        completados = true;
      } else {
        const modelos = pendentes.filter((p, i) => pendentes.findIndex((o) => o.data.data === p.data.data) === i);
        for (const p of modelos) esbocos.push({ ...p, turno, complemento: leitura });
      }
    }
  }
  for (const solto of soltos) comTurnoSolto(esbocos, solto);
  for (const e of esbocos) comLegenda(e, legendas);
  return { esbocos, complementos };
}

interface TurnoSolto {
  leitura: Leitura;
  posicao: number;
  turno: Turno;
  /** A linha datada que veio antes. */
  depoisDe: Leitura;
}

/**
 * "14/03 manhã R$ 700" e na linha de baixo "tarde R$ 750": outro turno das mesmas datas. Se algum plantão do bloco já é desse
 * período, a linha é uma chave de preço; sem horário nem preço próprios de cada um, também.
 */
function comTurnoSolto(esbocos: Esboco[], { leitura, posicao, turno, depoisDe }: TurnoSolto): void {
  if (turno.periodo === null || esbocos.some((e) => e.turno?.periodo === turno.periodo)) return;
  const mesmaLinha = leitura.segmento.linha === depoisDe.segmento.linha;
  const comPrecos = leitura.valores.length > 0 && depoisDe.valores.length > 0;
  if (!mesmaLinha && !comPrecos && turno.hora_inicio === null) return;
  const dela = esbocos.filter((e) => e.leitura === depoisDe);
  const onde = esbocos.lastIndexOf(dela.at(-1) as Esboco) + 1;
  const datas = [...new Set(dela.map((e) => e.data))];
  esbocos.splice(onde, 0, ...datas.map((data) => ({ data, turno, leitura: depoisDe, complemento: leitura, posicao })));
}

/** "SD (7h-19h) 1.200 / SN (19h-7h) 1.300" dá o horário dos plantões que só dizem SD ou SN. */
function comLegenda(esboco: Esboco, legendas: readonly Turno[]): void {
  const { turno } = esboco;
  if (turno === null || turno.hora_inicio !== null || turno.periodo === null) return;
  const legenda = legendas.find((l) => l.hora_fim !== null && l.nomeado && l.periodo === turno.periodo);
  if (legenda) esboco.turno = { ...turno, hora_inicio: legenda.hora_inicio, hora_fim: legenda.hora_fim };
}

/** "Turno: noturno" e depois "Horário: 19h às 7h": a segunda linha diz as horas do mesmo turno, não outro. */
function refinarHorario(esbocos: Esboco[], turnos: readonly Turno[]): boolean {
  const [turno, outro] = turnos;
  const ultimo = esbocos.at(-1);
  if (!turno || outro || !ultimo?.turno) return false;
  const { periodo, hora_inicio } = ultimo.turno;
  if (periodo !== null && turno.periodo !== null && periodo !== turno.periodo) return false;
  const dizHoras = hora_inicio === null && turno.hora_inicio !== null;
  const soRepete = hora_inicio !== null && turno.hora_inicio === null && turno.periodo !== null;
  if (!dizHoras && !soRepete) return false;
  const mesmos = esbocos.filter((e) => e.posicao === ultimo.posicao && e.turno?.periodo === periodo);
  // "hoje às 19h" e depois "Noturno": a palavra completa o que só tinha o início.
  if (soRepete && periodo === null) {
    for (const e of mesmos) if (e.turno) e.turno = { ...e.turno, periodo: turno.periodo };
  }
  if (dizHoras) for (const e of mesmos) Object.assign(e, { turno: { ...turno, periodo: turno.periodo ?? periodo } });
  return true;
}
