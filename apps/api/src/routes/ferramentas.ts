import { z } from "zod";
import { PermanentError } from "#core/runtime";
import {
  adicionarAliasHospital,
  aprovarVagaGrupo,
  buscarHospitais,
  detalharVagaGrupo,
  estatisticasGrupos,
  listarVagasRevisao,
  metricasGrupos,
  preencherFila,
  rejeitarVagaGrupo,
  reprocessarFila,
  saudeGrupos,
  visaoMetricas,
} from "#dominio/grupos";
import { FERRAMENTAS_AGENDAMENTOS } from "./agendamentos.ts";
import { FERRAMENTAS_FILAS } from "./filas.ts";
import { type Ferramenta, ferramenta } from "./manual.ts";
import { FERRAMENTAS_OFERTAS } from "./ofertas.ts";
import { FERRAMENTAS_TAREFAS } from "./tarefas.ts";

const inteiro = (min: number, max: number, padrao: number) => z.int().min(min).max(max).default(padrao);
const texto = (max: number, o: string) => z.string().trim().min(1).max(max).describe(`${o}, até ${max} caracteres`);
const id = z.string().describe("o UUID da vaga ou os seus 8 primeiros algarismos");
const por = texto(100, "quem decidiu").optional();
const uuid = (o: string) => z.uuid().describe(`o UUID ${o}`);

/** Todas as ferramentas de operador da API. */
export const FERRAMENTAS: readonly Ferramenta[] = [
  ...FERRAMENTAS_TAREFAS,
  ...FERRAMENTAS_AGENDAMENTOS,
  ...FERRAMENTAS_OFERTAS,
  ...FERRAMENTAS_FILAS,
  ferramenta({
    metodo: "POST",
    rota: "/grupos/reprocessar",
    resumo: "Itens em erro voltam ao estágio em que falharam",
    params: z.object({
      estagio: z.string().optional().describe("um dos sete estágios processáveis"),
      limite: inteiro(1, 1000, 100),
      desde_inicio: z.boolean().default(false).describe("true (as mensagens recomeçam do zero) ou false"),
    }),
    executar: async (p, { db, clock }) => {
      const r = await reprocessarFila(db, p, clock.now());
      if (r.sucesso) return { status: "ok", processados: r.reprocessados, ...r };
      throw new PermanentError(
        "parametro_invalido",
        "estagio_invalido: use pendente, heuristica, classificacao, extracao, normalizacao, deduplicacao ou importacao",
        { campo: "estagio" },
      );
    },
  }),
  ferramenta({
    metodo: "POST",
    rota: "/grupos/backfill",
    resumo: "Enfileira mensagens guardadas que nunca entraram na fila",
    params: z.object({ limite: inteiro(1, 10_000, 1000) }),
    executar: async ({ limite }, { db, clock, config }) => {
      const enfileiradas = await preencherFila(db, limite, config.GRUPOS_MAX_TENTATIVAS, clock.now());
      return { status: "ok", processados: enfileiradas, enfileiradas };
    },
  }),
  ferramenta({
    metodo: "GET",
    rota: "/grupos/status",
    resumo: "A fila de grupos, como em /health/grupos",
    params: z.object({}),
    executar: (_p, { db, clock }) => saudeGrupos(db, clock.now()),
  }),
  ferramenta({
    metodo: "GET",
    rota: "/grupos/revisao",
    resumo: "Vagas à espera de revisão, as de maior confiança primeiro",
    params: z.object({ limite: inteiro(1, 20, 20), grupo: texto(100, "jid ou parte do nome do grupo").optional() }),
    executar: async ({ limite, grupo }, { db }) => ({
      status: "ok",
      vagas: await listarVagasRevisao(db, limite, grupo),
    }),
  }),
  ferramenta({
    metodo: "GET",
    rota: "/grupos/vagas/:id",
    resumo: "Uma vaga lida de um grupo, com as suas fontes",
    params: z.object({ id }),
    executar: (p, { db }) => detalharVagaGrupo(db, p.id),
  }),
  ferramenta({
    metodo: "POST",
    rota: "/grupos/vagas/:id/aprovar",
    resumo: "Aprova uma vaga em revisão, com correções",
    params: z.object({
      id,
      hospital_id: uuid("do hospital").optional(),
      especialidade_id: uuid("da especialidade").optional(),
      data: z.iso.date().optional().describe("uma data AAAA-MM-DD"),
      valor: z.int().min(1).max(100_000).optional().describe("reais inteiros, de 1 a 100000"),
      por,
    }),
    executar: async ({ id: vaga, por: quem, ...correcoes }, { db, clock, config, grupos }) => {
      const janelaDedupHoras = config.JANELA_DEDUP_HORAS;
      const r = await aprovarVagaGrupo(db, { id: vaga, correcoes, por: quem, janelaDedupHoras }, clock.now());
      grupos.catalogos.esquecer(); // uma correção pode ter ensinado um alias
      return r;
    },
  }),
  ferramenta({
    metodo: "POST",
    rota: "/grupos/vagas/:id/rejeitar",
    resumo: "Rejeita uma vaga em revisão",
    params: z.object({ id, motivo: texto(500, "o motivo"), por }),
    executar: ({ id: vaga, motivo, por: quem }, { db, clock }) =>
      rejeitarVagaGrupo(db, { id: vaga, motivo, por: quem }, clock.now()),
  }),
  ferramenta({
    metodo: "POST",
    rota: "/grupos/aliases",
    resumo: "Ensina outro nome de um hospital; recusa um que já existe",
    params: z.object({ hospital_id: uuid("do hospital"), alias: texto(120, "o outro nome"), por }),
    executar: async (p, { db, grupos }) => {
      const r = await adicionarAliasHospital(db, p);
      grupos.catalogos.esquecer();
      return r;
    },
  }),
  ferramenta({
    metodo: "GET",
    rota: "/grupos/hospitais",
    resumo: "Procura hospitais por nome ou alias",
    params: z.object({ texto: texto(120, "o nome"), limite: inteiro(1, 50, 10) }),
    executar: async (p, { db }) => ({ status: "ok", hospitais: await buscarHospitais(db, p.texto, p.limite) }),
  }),
  ferramenta({
    metodo: "GET",
    rota: "/grupos/estatisticas",
    resumo: "Totais de hoje, da semana ou do mês",
    params: z.object({ periodo: z.enum(["hoje", "semana", "mes"]).default("hoje") }),
    executar: ({ periodo }, { db, clock }) => estatisticasGrupos(db, periodo, clock.now()),
  }),
  ferramenta({
    metodo: "GET",
    rota: "/metricas/grupos/:visao",
    resumo: "Métricas do pipeline: resumo, hoje, top-grupos, fila, custos",
    params: z.object({ visao: z.string(), dias: inteiro(1, 90, 7), limite: inteiro(1, 50, 10) }),
    executar: (p, { db, clock }) => metricasGrupos(db, { ...p, visao: visaoMetricas(p.visao) }, clock.now()),
  }),
];
