import type { Setor } from "../vaga-extraida.ts";
import type { Bloco } from "./blocos.ts";
import type { DataLida } from "./datas.ts";
import { type Esboco, esbocar } from "./esbocos.ts";
import { anterioresDaLinha, antesDaData, ultimaDaLinha } from "./heranca.ts";
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
      return multiplicadores.linhas.map((l) => ({ ...base, ...l, setor: l.setor ?? setor }));
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

function especialidadesDe(
  e: Esboco,
  linhas: Leitura[],
  leituras: readonly Leitura[],
  daMensagem: DaMensagem,
): string[] {
  const nomes = (l: Leitura | null | undefined) => l?.especialidades.map((x) => x.nome) ?? [];
  const proprias = [...new Set(linhas.flatMap(nomes))];
  const doTurno = linhas.map((l) => especialidadeDoTurno(l, e.turno)).find((nome) => nome !== null);
  if (doTurno) return [doTurno];
  if (proprias.length > 0) return proprias;
  const anterior = anterioresDaLinha(leituras, e.leitura).find((l) => antesDaData(l, l.especialidades).length > 0);
  if (anterior) return [...new Set(antesDaData(anterior, anterior.especialidades).map((x) => x.nome))];
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

/** "cardio 7-19h 1.800, CM 19-7h 1.400": especialidades e turnos ditos aos pares; null quando não são. */
function especialidadeDoTurno({ especialidades, turnos }: Leitura, turno: Turno | null): string | null {
  if (turno === null || especialidades.length < 2 || especialidades.length !== turnos.length) return null;
  const ordem = [...especialidades, ...turnos].sort((a, b) => a.inicio - b.inicio);
  const aosPares = ordem.every((x, i) => "nome" in x === "nome" in (ordem[i % 2] ?? x));
  if (!aosPares || "nome" in (ordem[0] ?? {}) === "nome" in (ordem[1] ?? {})) return null;
  return especialidades[turnos.indexOf(turno)]?.nome ?? null;
}

function cabecalhoSetor(leituras: readonly Leitura[], posicao: number): Setor | null {
  const semData = leituras
    .map((l, i) => ({ i, setores: temData(l) ? [] : l.setores }))
    .filter((x) => x.setores.length > 0);
  const ultimaData = leituras.findLastIndex(temData);
  const escolhida = semData.filter((x) => x.i < posicao).at(-1) ?? semData.find((x) => x.i > ultimaData);
  if (escolhida) return escolhida.setores[0]?.nome ?? null;
  // Numa linha com data o setor é do plantão dela, a não ser que seja o setor do hospital ("PS do HVS, 14/03 SN").
  const doHospital = leituras.filter(
    (l) => l.hospital !== null || l.segmento.linha === leituras[posicao]?.segmento.linha,
  );
  const todos = [...new Set(doHospital.flatMap((l) => l.setores.map((s) => s.nome)))];
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

type Multiplicadores =
  | { tipo: "especialidade"; linhas: { especialidade: string; setor: Setor | null }[] }
  | { tipo: "setor"; nomes: Setor[] };

/** Duas ou mais linhas seguidas "especialidade: valor" (ou "setor: valor"), sem data. */
function linhasPorChave(leituras: readonly Leitura[], complementos: ReadonlySet<Leitura>): Multiplicadores | null {
  const dePreco = leituras.filter((l) => !temData(l) && l.valores.length > 0 && !complementos.has(l));
  const seguidas = (lista: Leitura[]) => {
    const indices = lista.map((l) => leituras.indexOf(l));
    return indices.every((n, i) => i === 0 || !leituras.slice(indices[i - 1], n).some(temData));
  };
  const porEspecialidade = dePreco.filter((l) => l.especialidades.length === 1);
  const especialidades = [...new Set(porEspecialidade.flatMap((l) => l.especialidades.map((e) => e.nome)))];
  if (especialidades.length >= 2 && seguidas(porEspecialidade)) {
    const linhas = especialidades.map((especialidade) => {
      const daLinha = porEspecialidade.find((l) => l.especialidades[0]?.nome === especialidade)?.setores ?? [];
      return { especialidade, setor: daLinha.length === 1 ? (daLinha[0]?.nome ?? null) : null };
    });
    return { tipo: "especialidade", linhas };
  }
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
