import { dobrar } from "../texto/dobrar.ts";
import type { HospitalLido } from "./hospitais.ts";
import type { Leitura } from "./leitura.ts";

/** As linhas de um hospital. */
export interface Bloco {
  hospital: HospitalLido | null;
  leituras: Leitura[];
}

const temData = (l: Leitura) => l.datas.length > 0;

/**
 * X1: um segmento com hospital abre um bloco. O primeiro hospital depois das datas fica com elas; linhas seguidas só de hospital
 * dividem o bloco; um bloco sem hospital fica com o único da mensagem.
 */
export function dividirEmBlocos(leituras: readonly Leitura[]): Bloco[] {
  const blocos: Bloco[] = [{ hospital: null, leituras: [] }];
  for (const [i, leitura] of leituras.entries()) {
    const atual = blocos.at(-1) as Bloco;
    const hospital = leitura.hospital ?? hospitalDaFileira(leituras, i);
    if (hospital === null || mesmoHospital(atual.hospital, hospital)) {
      atual.leituras.push(leitura);
    } else if (atual.hospital === null) {
      atual.hospital = hospital;
      atual.leituras.push(leitura);
    } else if (!atual.leituras.some(temData) && soHospital(leitura) && soHospital(atual.leituras.at(-1))) {
      // Duas linhas seguidas de nome: a segunda costuma dizer onde fica a primeira.
      atual.leituras.push(leitura);
    } else blocos.push({ hospital, leituras: [leitura] });
  }
  const distintos = blocos.flatMap((b) => (b.hospital ? [b.hospital] : []));
  const unico = distintos.length === 1 ? (distintos[0] ?? null) : null;
  for (const b of blocos) b.hospital ??= unico;
  return blocos;
}

/** "26/11 | SN | HSB | 1.400": a data que abre a linha já é do hospital que vem mais adiante nela. */
function hospitalDaFileira(leituras: readonly Leitura[], i: number): HospitalLido | null {
  const leitura = leituras[i] as Leitura;
  const { linha } = leitura.segmento;
  if (!temData(leitura) || leituras[i - 1]?.segmento.linha === linha) return null;
  const daLinha: Leitura[] = [];
  for (let j = i + 1; leituras[j]?.segmento.linha === linha; j++) daLinha.push(leituras[j] as Leitura);
  return daLinha.some(temData) ? null : (daLinha.find((l) => l.hospital !== null)?.hospital ?? null);
}

function soHospital(l: Leitura | undefined): boolean {
  return (
    l?.hospital != null &&
    !temData(l) &&
    l.turnos.length === 0 &&
    l.valores.length === 0 &&
    l.especialidades.length === 0
  );
}

function mesmoHospital(a: HospitalLido | null, b: HospitalLido): boolean {
  if (a === null) return false;
  const [x, y] = [dobrar(a.nome), dobrar(b.nome)];
  return x === y || x.endsWith(` ${y}`) || y.endsWith(` ${x}`);
}

/**
 * X3: datas sem hospital antes do primeiro hospital, e depois ao menos dois hospitais sem data: a mensagem é organizada por dia, e
 * cada linha de hospital é um plantão da data corrente.
 */
export function ehPorData(leituras: readonly Leitura[]): boolean {
  const primeiroHospital = leituras.findIndex((l) => l.hospital !== null);
  const primeiraData = leituras.findIndex((l) => temData(l) && l.hospital === null);
  if (primeiraData < 0 || primeiroHospital < primeiraData) return false;
  const linhasDatadas = new Set(leituras.filter(temData).map((l) => l.segmento.linha));
  return leituras.filter((l) => l.hospital !== null && !linhasDatadas.has(l.segmento.linha)).length >= 2;
}
