import type { Setor } from "../vaga-extraida.ts";
import type { Bloco } from "./blocos.ts";
import type { DataLida } from "./datas.ts";
import type { HospitalLido } from "./hospitais.ts";
import type { Leitura } from "./leitura.ts";
import { type RegraDeValor, regrasDoSegmento } from "./precos.ts";
import { implicaIntensiva } from "./setores.ts";
import type { Turno } from "./turnos.ts";

/** Um plantão antes de ter preço: quando, onde, de quê, e de que linhas veio. */
export interface Plantao {
  hospital: HospitalLido | null;
  data: DataLida;
  turno: Turno | null;
  especialidade: string | null;
  setor: Setor | null;
  /** Regras de valor das próprias linhas. */
  proprias: RegraDeValor[];
  divergente: boolean;
  quantidade: number | null;
  bloco: Bloco;
}

/** O que vale para todos os blocos. */
export interface DaMensagem {
  especialidades: string[];
  /** Ditas antes do primeiro hospital, como título. */
  doPreambulo: boolean;
  setor: Setor | null;
}

interface Esboco {
  data: DataLida;
  turno: Turno | null;
  leitura: Leitura;
  /** A linha de período que o completou, se não foi a da data. */
  complemento: Leitura | null;
  posicao: number;
}

const temData = (l: Leitura) => l.datas.length > 0;

/** X2 e X4–X5: os plantões de um bloco. */
export function plantoesDoBloco(bloco: Bloco, daMensagem: DaMensagem): Plantao[] {
  const { leituras } = bloco;
  const { esbocos, complementos } = esbocar(leituras);
  const multiplicadores = linhasPorChave(leituras, complementos);
  return esbocos.flatMap((e): Plantao[] => {
    const linhas = e.complemento ? [e.complemento, e.leitura] : [e.leitura];
    const proprias = [...linhas, ...restoDaLinha(leituras, e)].flatMap(regrasDoSegmento);
    const setorProprio = primeiro(linhas.flatMap((l) => l.setores.map((s) => s.nome)));
    const setor = setorProprio ?? cabecalhoSetor(leituras, e.posicao) ?? daMensagem.setor;
    const especialidades = especialidadesDe(e, linhas, leituras, daMensagem);
    const base = {
      hospital: bloco.hospital,
      data: e.data,
      turno: e.turno,
      divergente: e.leitura.divergente,
      quantidade: primeiro(linhas.flatMap((l) => (l.quantidade === null ? [] : [l.quantidade]))),
      proprias,
      bloco,
    };
    // X5: linhas de preço por especialidade (ou por setor) sob plantões que não a dizem os multiplicam.
    if (multiplicadores?.tipo === "especialidade" && !linhas.some((l) => l.especialidades.length > 0)) {
      return multiplicadores.nomes.map((especialidade) => ({ ...base, especialidade, setor }));
    }
    if (multiplicadores?.tipo === "setor" && setorProprio === null) {
      return multiplicadores.nomes.flatMap((s) =>
        (especialidades.length > 0 ? especialidades : [null]).map((especialidade) => ({
          ...base,
          especialidade,
          setor: s,
        })),
      );
    }
    if (especialidades.length === 0) return [{ ...base, especialidade: null, setor }];
    return especialidades.map((especialidade) => ({ ...base, especialidade, setor })); // E3
  });
}

/** X2: datas × turnos. Sem turno a data fica pendente e as linhas de período seguintes a completam, uma a mais para cada uma. */
function esbocar(leituras: readonly Leitura[]): { esbocos: Esboco[]; complementos: Set<Leitura> } {
  const esbocos: Esboco[] = [];
  const complementos = new Set<Leitura>();
  let cabecalho: Turno | null = null;
  let pendentes: Esboco[] = [];
  let completados = false;
  for (const [posicao, leitura] of leituras.entries()) {
    if (temData(leitura)) {
      if (leitura.encerrado) {
        pendentes = [];
        continue; // X6: só os plantões desta linha saem
      }
      if (completados) pendentes = [];
      completados = false;
      const { turnos } = comHeranca(leituras, posicao);
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
      if (leitura.turnos.length === 1) cabecalho = leitura.turnos[0] ?? null;
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
  return { esbocos, complementos };
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
  if (dizHoras) for (const e of mesmos) Object.assign(e, { turno: { ...turno, periodo: turno.periodo ?? periodo } });
  return true;
}

/** S5: numa linha cortada, um pedaço sem período, hora e valor toma os do seguinte. */
export function comHeranca(
  leituras: readonly Leitura[],
  posicao: number,
): { turnos: Turno[]; valores: Leitura | null } {
  const leitura = leituras[posicao] as Leitura;
  if (leitura.turnos.length > 0 || leitura.valores.length > 0 || !leitura.segmento.cortado) {
    return { turnos: leitura.turnos, valores: null };
  }
  const seguinte = leituras[posicao + 1];
  if (!seguinte || seguinte.segmento.linha !== leitura.segmento.linha) return { turnos: [], valores: null };
  const doSeguinte = comHeranca(leituras, posicao + 1);
  return { turnos: doSeguinte.turnos, valores: seguinte.valores.length > 0 ? seguinte : doSeguinte.valores };
}

/** A última parte da mesma linha cortada (S6). */
export function ultimaDaLinha(leituras: readonly Leitura[], leitura: Leitura): Leitura | null {
  if (!leitura.segmento.cortado) return null;
  const daLinha = leituras.filter((l) => l.segmento.cortado && l.segmento.linha === leitura.segmento.linha);
  const ultima = daLinha.at(-1);
  return ultima && ultima !== leitura ? ultima : null;
}

function especialidadesDe(
  e: Esboco,
  linhas: Leitura[],
  leituras: readonly Leitura[],
  daMensagem: DaMensagem,
): string[] {
  const nomes = (l: Leitura | null | undefined) => l?.especialidades.map((x) => x.nome) ?? [];
  const proprias = [...new Set(linhas.flatMap(nomes))];
  if (proprias.length > 0) return proprias;
  // S6: uma só especialidade, no fim da linha, serve a linha toda.
  const daLinha = nomes(ultimaDaLinha(leituras, e.leitura));
  if (daLinha.length === 1) return daLinha;
  // X4: a linha de especialidade sem data antes do plantão; senão, a que vem depois, se é só uma.
  const semData = leituras.map((l, i) => ({ i, nomes: temData(l) ? [] : nomes(l) })).filter((x) => x.nomes.length > 0);
  const antes = semData.filter((x) => x.i < e.posicao).at(-1);
  if (antes) return antes.nomes;
  // E4: sob um cabeçalho de UTI, a especialidade de outra parte da mensagem não é a deste plantão.
  const setor = leituras.slice(0, e.posicao + 1).findLast((l) => l.setores.length > 0)?.setores[0]?.nome ?? null;
  if (implicaIntensiva(setor)) return daMensagem.doPreambulo ? daMensagem.especialidades : [];
  const ultimaData = leituras.findLastIndex(temData);
  const depois = semData.find((x) => x.i > ultimaData);
  if (depois) return depois.nomes;
  const deOutraLinha = [...new Set(leituras.flatMap(nomes))];
  return daMensagem.especialidades.length > 0
    ? daMensagem.especialidades
    : deOutraLinha.length === 1
      ? deOutraLinha
      : [];
}

function cabecalhoSetor(leituras: readonly Leitura[], posicao: number): Setor | null {
  const semData = leituras
    .map((l, i) => ({ i, setores: temData(l) ? [] : l.setores }))
    .filter((x) => x.setores.length > 0);
  const ultimaData = leituras.findLastIndex(temData);
  const escolhida = semData.filter((x) => x.i < posicao).at(-1) ?? semData.find((x) => x.i > ultimaData);
  if (escolhida) return escolhida.setores[0]?.nome ?? null;
  const todos = [...new Set(leituras.flatMap((l) => l.setores.map((s) => s.nome)))];
  return todos.length === 1 ? (todos[0] ?? null) : null;
}

/** "20/04 | SD | 1.200": os pedaços da mesma linha são da data dela, se as datas estão em várias linhas. */
function restoDaLinha(leituras: readonly Leitura[], e: Esboco): Leitura[] {
  const { linha } = e.leitura.segmento;
  const datadas = leituras.filter(temData);
  const daLinha = datadas.filter((l) => l.segmento.linha === linha);
  if (daLinha.length !== 1) return [];
  return leituras.filter((l) => l.segmento.linha === linha && l !== e.leitura && l !== e.complemento);
}

type Multiplicadores = { tipo: "especialidade"; nomes: string[] } | { tipo: "setor"; nomes: Setor[] };

/** Duas ou mais linhas seguidas "especialidade: valor" (ou "setor: valor"), sem data. */
function linhasPorChave(leituras: readonly Leitura[], complementos: ReadonlySet<Leitura>): Multiplicadores | null {
  const dePreco = leituras.filter((l) => !temData(l) && l.valores.length > 0 && !complementos.has(l));
  const seguidas = (lista: Leitura[]) => {
    const indices = lista.map((l) => leituras.indexOf(l));
    return indices.every((n, i) => i === 0 || !leituras.slice(indices[i - 1], n).some(temData));
  };
  const porEspecialidade = dePreco.filter((l) => l.especialidades.length === 1);
  const especialidades = [...new Set(porEspecialidade.flatMap((l) => l.especialidades.map((e) => e.nome)))];
  if (especialidades.length >= 2 && seguidas(porEspecialidade)) return { tipo: "especialidade", nomes: especialidades };
  const porSetor = dePreco.filter((l) => l.setores.length === 1 && l.especialidades.length === 0);
  const setores = [...new Set(porSetor.flatMap((l) => l.setores.map((s) => s.nome)))];
  if (setores.length >= 2 && seguidas(porSetor)) return { tipo: "setor", nomes: setores };
  return null;
}

/** X3: cada linha de hospital é um plantão da data corrente; o que ela não diz, diz o cabeçalho. */
export function plantoesPorData(leituras: readonly Leitura[], daMensagem: DaMensagem): Plantao[] {
  const plantoes: Plantao[] = [];
  let cabecalho: Leitura | null = null;
  let especialidades: string[] = [];
  for (const l of leituras) {
    const minhas = l.especialidades.map((e) => e.nome);
    if (l.hospital === null) {
      if (temData(l)) {
        cabecalho = l;
        especialidades = minhas.length > 0 ? minhas : especialidades;
      } else if (minhas.length > 0) especialidades = minhas;
      if (!temData(l)) continue;
    }
    if (l.encerrado || l.hospital === null) continue;
    const datas = temData(l) ? l.datas : (cabecalho?.datas ?? []);
    const turnos: (Turno | null)[] = l.turnos.length > 0 ? l.turnos : (cabecalho?.turnos ?? []);
    const bloco: Bloco = { hospital: l.hospital, leituras: [l] };
    const nomes: (string | null)[] =
      minhas.length > 0 ? minhas : especialidades.length > 0 ? especialidades : daMensagem.especialidades;
    const proprias = l.valores.length > 0 ? regrasDoSegmento(l) : cabecalho ? regrasDoSegmento(cabecalho) : [];
    for (const data of datas) {
      for (const turno of turnos.length > 0 ? turnos : [null]) {
        for (const especialidade of nomes.length > 0 ? nomes : [null]) {
          plantoes.push({
            hospital: l.hospital,
            data,
            turno,
            especialidade,
            setor: l.setores[0]?.nome ?? daMensagem.setor,
            proprias,
            divergente: l.divergente,
            quantidade: l.quantidade,
            bloco,
          });
        }
      }
    }
  }
  return plantoes;
}

function primeiro<T>(lista: readonly T[]): T | null {
  return lista[0] ?? null;
}
