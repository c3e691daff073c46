import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import type { ItemVaga } from "./fila.ts";
import { conclusaoVaga, textosACasar } from "./passos/vaga.ts";
import { LIMIARES_IMPORTACAO } from "./regras/importacao.ts";
import { umaFila, umaMensagem, umaVagaExtraida } from "./testing/fabrica.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase({ seed: true });
});
afterAll(() => t.drop());
beforeEach(() => t.truncateAll());

const MENSAGEM = ["pendente", "heuristica", "classificacao", "extracao"];
const VAGA = ["normalizacao", "deduplicacao", "importacao"];

interface Cenario {
  agora?: string;
  hoje?: string;
  vaga?: Record<string, unknown>;
  grupoJid?: string;
}

/** Uma mensagem com uma vaga já extraída, à espera de normalização. */
async function umaVaga(c: Cenario = {}): Promise<void> {
  const agora = c.agora ?? "2026-03-10T12:05:00Z";
  await umaMensagem(t, { agora, grupoJid: c.grupoJid ?? "120363000000000001@g.us" });
  const { fila, em } = umaFila(t);
  em(agora);
  const [i] = await fila.reservarMensagens(MENSAGEM, 1);
  if (!i) throw new Error("nada reservado");
  await fila.concluirMensagens([
    {
      ...i,
      estagio: "finalizado",
      ultimo_estagio: "extracao",
      motivo: "vagas:1",
      mensagem: { status: "extraida", eh_oferta: true, qtd_vagas_extraidas: 1 },
      vagas: [umaVagaExtraida(c.vaga)],
    },
  ]);
}

/** Leva até `n` vagas ao fim, como o ciclo faz. */
async function levarVagas(c: Cenario & { n?: number; trabalhador?: string } = {}): Promise<unknown> {
  const { fila, em } = umaFila(t, c.trabalhador ?? "teste-1");
  em(c.agora ?? "2026-03-10T12:06:00Z");
  const itens = await fila.reservarVagas(VAGA, c.n ?? 100);
  const textos = textosACasar(itens);
  const casamentos = await fila.casar(textos.hospitais, textos.especialidades, 0.7, 0.6);
  const catalogos = await fila.catalogos();
  const contexto = {
    casamentos,
    catalogos,
    encontrados: new Map(),
    limiares: LIMIARES_IMPORTACAO,
    hoje: c.hoje ?? "2026-03-10",
  };
  return fila.concluirVagas(itens.map((i: ItemVaga) => conclusaoVaga(i, contexto)));
}

const vagas = () =>
  t.sql("select status, motivo_status, qtd_fontes, eh_duplicada from vagas_grupo order by created_at, id");
const contar = async (tabela: string) => (await t.sql<{ n: number }>(`select count(*)::int as n from ${tabela}`))[0]?.n;

describe("da normalização à importação", () => {
  test("uma vaga completa é importada com os catálogos, o horário do período, a origem e os contadores", async () => {
    await umaVaga({ vaga: { numero_vagas: 2, setor_raw: "PS" } });
    await levarVagas();
    expect(
      await t.sql(
        `select h.nome as hospital, e.nome as especialidade, p.nome as periodo, s.nome as setor, v.data, v.hora_inicio, v.hora_fim, v.valor,
                v.status, v.origem, v.posicao_grupo, v.observacoes, v.contato_whatsapp
           from vagas v join hospitais h on h.id = v.hospital_id join especialidades e on e.id = v.especialidade_id
           join periodos p on p.id = v.periodo_id join setores s on s.id = v.setor_id order by posicao_grupo`,
      ),
    ).toEqual(
      [1, 2].map((posicao) => ({
        hospital: "Hospital Vila Serena",
        especialidade: "Clínica Médica",
        periodo: "Noturno",
        setor: "Pronto atendimento",
        data: "2026-03-14",
        hora_inicio: "19:00:00",
        hora_fim: "07:00:00",
        valor: 1500,
        status: "aberta",
        origem: "grupo_whatsapp",
        posicao_grupo: posicao,
        observacoes: "Origem: grupo WhatsApp (Plantões Médicos SP). ",
        contato_whatsapp: "5511900000001",
      })),
    );
    expect(await vagas()).toMatchObject([{ status: "importada", motivo_status: null }]);
    expect(await t.sql("select status from mensagens_grupo")).toEqual([{ status: "processada" }]);
    expect(await t.sql("select total_vagas_importadas as n from grupos_whatsapp")).toEqual([{ n: 1 }]);
    expect(await t.sql("select total_vagas_validas as v, taxa_qualidade as q from contatos_grupo")).toEqual([
      { v: 1, q: 1 },
    ]);
    expect(await t.sql("select vezes_usado as n from hospitais_alias where alias = 'Hospital Vila Serena'")).toEqual([
      { n: 1 },
    ]);
    expect(
      await t.sql("select motivo, estagio from fila_processamento_grupos where vaga_grupo_id is not null"),
    ).toEqual([{ motivo: "importada", estagio: "finalizado" }]);
  });

  test("sem especialidade a vaga espera revisão e o item termina", async () => {
    await umaVaga({ vaga: { especialidade_raw: null } });
    await levarVagas();
    expect(await vagas()).toMatchObject([
      { status: "aguardando_revisao", motivo_status: "match_incompleto:especialidade" },
    ]);
    expect(await contar("vagas")).toBe(0);
    expect(await t.sql("select motivo from fila_processamento_grupos where vaga_grupo_id is not null")).toEqual([
      { motivo: "aguardando_revisao" },
    ]);
  });

  test("um hospital bloqueado não é importado", async () => {
    await t.sql(
      "insert into hospitais_bloqueados (hospital_id) select id from hospitais where nome = 'Hospital Vila Serena'",
    );
    await umaVaga();
    await levarVagas();
    expect(await vagas()).toMatchObject([{ status: "descartada", motivo_status: "hospital_bloqueado" }]);
  });

  test("B-17: importar de novo não cria linha nem troca a vaga importada", async () => {
    await umaVaga({ vaga: { numero_vagas: 3 } });
    await levarVagas();
    const antes = await t.sql("select vaga_importada_id from vagas_grupo");
    await t.sql("update fila_processamento_grupos set estagio = 'importacao' where vaga_grupo_id is not null");
    await levarVagas();
    expect(await contar("vagas")).toBe(3);
    expect(await t.sql("select vaga_importada_id from vagas_grupo")).toEqual(antes);
  });

  test("B-25: uma vaga que chega à importação depois da sua data é descartada e o item termina", async () => {
    await umaVaga();
    await levarVagas({ agora: "2026-03-15T12:00:00Z", hoje: "2026-03-15" });
    expect(await vagas()).toMatchObject([{ status: "descartada", motivo_status: "validacao_falhou: data no passado" }]);
    expect(await contar("fila_processamento_grupos where estagio <> 'finalizado'")).toBe(0);
  });

  test("uma vaga rejeitada enquanto esperava termina sem efeito", async () => {
    await umaVaga();
    await t.sql("update vagas_grupo set status = 'rejeitada'");
    await levarVagas();
    expect(await vagas()).toMatchObject([{ status: "rejeitada" }]);
    expect(await contar("vagas")).toBe(0);
    expect(await contar("vagas_grupo_fontes")).toBe(0);
  });
});

describe("deduplicação", () => {
  test("B-14: doze vagas iguais deduplicadas em paralelo dão um principal com doze fontes, e repetir não muda nada", async () => {
    for (let k = 0; k < 12; k++) await umaVaga({ grupoJid: `${k}@g.us` });
    await Promise.all(Array.from({ length: 6 }, (_, k) => levarVagas({ n: 2, trabalhador: `p${k}` })));
    const situacao = () =>
      t.sql(
        "select eh_duplicada, count(*)::int as n, max(qtd_fontes) as fontes from vagas_grupo group by 1 order by 1",
      );
    const esperado = [
      { eh_duplicada: false, n: 1, fontes: 12 },
      { eh_duplicada: true, n: 11, fontes: 1 },
    ];
    expect(await situacao()).toEqual(esperado);
    expect(await contar("vagas")).toBe(1);
    await t.sql("update fila_processamento_grupos set estagio = 'deduplicacao' where vaga_grupo_id is not null");
    await levarVagas();
    expect(await situacao()).toEqual(esperado);
    expect(await contar("vagas")).toBe(1);
    expect(await contar("vagas_grupo_fontes")).toBe(12);
  });

  test("doze vagas iguais no mesmo lote também dão um só principal", async () => {
    for (let k = 0; k < 12; k++) await umaVaga({ grupoJid: `${k}@g.us` });
    await levarVagas();
    expect(await contar("vagas_grupo where not eh_duplicada and qtd_fontes = 12")).toBe(1);
  });

  test("B-15: uma repostagem 60 h depois, com a vaga importada ainda aberta e futura, é duplicada", async () => {
    await umaVaga();
    await levarVagas();
    await umaVaga({ agora: "2026-03-13T00:05:00Z", grupoJid: "2@g.us", vaga: { valor: 1550 } });
    await levarVagas({ agora: "2026-03-13T00:06:00Z", hoje: "2026-03-12" });
    expect(await contar("vagas")).toBe(1);
    expect(await vagas()).toMatchObject([
      { qtd_fontes: 2 },
      { status: "duplicada", motivo_status: "duplicata_detectada" },
    ]);
    expect(await t.sql("select valor from vagas")).toEqual([{ valor: 1500 }]);
    expect(await t.sql("select ordem, valor_informado from vagas_grupo_fontes order by ordem")).toEqual([
      { ordem: 1, valor_informado: 1500 },
      { ordem: 2, valor_informado: 1550 },
    ]);
  });

  test("fora da janela e com a vaga já fechada, a repostagem é uma vaga nova", async () => {
    await umaVaga();
    await levarVagas();
    await t.sql("update vagas set status = 'fechada'");
    await umaVaga({ agora: "2026-03-13T00:05:00Z", grupoJid: "2@g.us" });
    await levarVagas({ agora: "2026-03-13T00:06:00Z", hoje: "2026-03-12" });
    expect(await contar("vagas")).toBe(2);
  });

  test("B-16: a repostagem corrigida de uma vaga rejeitada é importada", async () => {
    await umaVaga({ vaga: { confianca_data: 0.3, especialidade_raw: "Clínica Médica" } });
    await levarVagas();
    await t.sql("update vagas_grupo set status = 'rejeitada'");
    await t.sql("delete from vagas");
    await umaVaga({ grupoJid: "2@g.us" });
    await levarVagas();
    expect(await contar("vagas")).toBe(1);
  });

  test("setores conhecidos e diferentes separam; PS e PA não", async () => {
    await umaVaga({ vaga: { setor_raw: "PS" } });
    await umaVaga({ vaga: { setor_raw: "UTI" }, grupoJid: "2@g.us", agora: "2026-03-10T12:05:10Z" });
    await umaVaga({ vaga: { setor_raw: "PA" }, grupoJid: "3@g.us", agora: "2026-03-10T12:05:20Z" });
    await levarVagas();
    expect(await t.sql("select setor_raw, eh_duplicada from vagas_grupo order by setor_raw")).toEqual([
      { setor_raw: "PA", eh_duplicada: true },
      { setor_raw: "PS", eh_duplicada: false },
      { setor_raw: "UTI", eh_duplicada: false },
    ]);
  });
});

describe("casamento de nomes", () => {
  test("exato pelo alias, parecido acima do limiar, e nada abaixo dele", async () => {
    const { fila } = umaFila(t);
    const r = await fila.casar(
      ["hosp. vila serena", "Hospital Vila Sereno", "Hospital Recanto das Araras"],
      ["GO", "ginecologist"],
      0.7,
      0.6,
    );
    expect(r.hospitais["hosp. vila serena"]).toMatchObject({ score: 1, exato: true });
    expect(r.hospitais["Hospital Vila Sereno"]).toMatchObject({ exato: false });
    expect(r.hospitais["Hospital Vila Sereno"]?.score).toBeGreaterThanOrEqual(0.7);
    expect(r.hospitais["Hospital Recanto das Araras"]).toBeUndefined();
    expect(r.especialidades.GO?.id).toBe(r.especialidades.ginecologist?.id);
  });
});
