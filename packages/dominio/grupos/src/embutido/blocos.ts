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
  for (const leitura of leituras) {
    const atual = blocos.at(-1) as Bloco;
    const { hospital } = leitura;
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
  return leituras.filter((l) => l.hospital !== null && !temData(l)).length >= 2;
}
