import { addDays, localDay } from "#core/runtime";
import type { RegrasImediatas } from "../../packages/dominio/grupos/src/passos/mensagem.ts";
import type { Extracao } from "../../packages/dominio/grupos/src/provedor.ts";
import { PERIODOS, type VagaExtraida } from "../../packages/dominio/grupos/src/vaga-extraida.ts";

const HOSPITAIS = [
  "Hospital Vila Serena",
  "HU Campo Azul",
  "UPA Jardim Aurora",
  "Santa Casa de Monte Claro",
  "UPA Parque das Águas",
  "Maternidade Nossa Senhora da Luz",
  "Hospital Municipal Dr. Arlindo Prado",
  "Hospital Regional do Vale",
  "Hospital São Benedito",
  "Hospital Santa Edwiges",
];
const ESPECIALIDADES = ["clínica médica", "pediatria", "ortopedia", "anestesia", "GO", "psiquiatria", "cardiologia"];
const TURNOS = ["SD 7-19h", "SN 19-7h", "noturno", "diurno", "manhã 7 às 13h", "tarde 13 às 19h"];
const CONVERSA = [
  "Bom dia, grupo! Boa semana a todos",
  "Obrigado pessoal, resolvido!",
  "tem vaga de anestesia pra abril? alguém indica?",
  "Kkkkk esse grupo tá parado hoje",
  "Alguém sabe se o pagamento de fevereiro já caiu?",
  "Sou pediatra com RQE e tenho disponibilidade para plantões na zona leste",
];

/** Mensagem número `i`: seis em dez são conversa, quatro são ofertas de uma a três vagas, como num grupo de verdade. */
export function mensagem(i: number, agora: Date): string {
  if (i % 10 < 6) return CONVERSA[i % CONVERSA.length] ?? "";
  const dia = (n: number) => {
    const [, mes, d] = addDays(localDay(agora), 1 + ((i * 7 + n * 3) % 80)).split("-");
    return `${d}/${mes}`;
  };
  const k = Math.floor(i / 10);
  const linhas = Array.from(
    { length: 1 + (k % 3) },
    (_, n) => `${dia(n)} ${TURNOS[(k + n) % TURNOS.length]} R$ ${1200 + ((i * 50) % 900)}`,
  );
  return [
    `Plantão ${ESPECIALIDADES[k % ESPECIALIDADES.length]} - ${HOSPITAIS[(k * 3 + i) % HOSPITAIS.length]}`,
    ...linhas,
    `Chamar 11 9${String(10_000_000 + i).padStart(8, "0")}`,
  ].join("\n");
}

/** Para `--sem-regras`: tudo passa por todos os estágios e vira uma vaga distinta; só resta o custo da fila. */
export const mensagemSemRegras = (i: number): string => `n=${i}`;

/** Vinte, para que 102.000 mensagens seguidas não repitam hospital, especialidade, período e data. */
const CANONICAS = [
  "Acupuntura",
  "Anestesiologia",
  "Angiologia",
  "Cardiologia",
  "Cirurgia Geral",
  "Clínica Médica",
  "Dermatologia",
  "Endoscopia",
  "Generalista",
  "Geriatria",
  "Infectologia",
  "Mastologia",
  "Nefrologia",
  "Neurologia",
  "Oftalmologia",
  "Patologia",
  "Pediatria",
  "Psiquiatria",
  "Reumatologia",
  "Urologia",
];
const CONFIANCA = { hospital: 1, especialidade: 1, data: 1, horario: 1, valor: 1 };

export const regrasVazias: RegrasImediatas = {
  heuristica: () => ({
    acao: "classificar",
    score: 0.5,
    passou: true,
    keywords: [],
    categorias: [],
    motivo: null,
    motivo_descarte: null,
  }),
  classificarAgora: () => ({ eh_oferta: true, confianca: 1, motivo: null, classificador: "vazio" }),
  extrairAgora: (entrada): Extracao => {
    const i = Number(entrada.texto.slice(2));
    const vaga: VagaExtraida = {
      hospital_raw: HOSPITAIS[i % HOSPITAIS.length] ?? null,
      especialidade_raw: CANONICAS[Math.floor(i / 10) % CANONICAS.length] ?? null,
      setor_raw: null,
      data: addDays(entrada.dataReferencia, 1 + (Math.floor(i / 1200) % 85)),
      dia_semana: null,
      periodo: PERIODOS[Math.floor(i / 200) % PERIODOS.length] ?? null,
      hora_inicio: null,
      hora_fim: null,
      valor_tipo: "fixo",
      valor: 1500,
      valor_minimo: null,
      valor_maximo: null,
      numero_vagas: 1,
      tipo_vaga_raw: null,
      forma_pagamento_raw: null,
      contato_nome: null,
      contato_whatsapp: null,
      endereco_raw: null,
      cidade: null,
      estado: null,
      observacoes_raw: null,
      confianca: CONFIANCA,
      impedimentos: [],
    };
    return { eh_oferta: true, motivo: null, vagas: [vaga], extrator: "vazio" };
  },
};
