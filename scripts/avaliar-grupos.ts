/** `npm run avaliar:grupos -- --arquivo <jsonl> [--provedor embutido|llm] [--catalogo <json>] [--json] [--minimo 0.95]` */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { llmConfigShape, llmFrom } from "#clients/llm";
import { errorMessage, loadConfig, silentLogger, systemClock } from "#core/runtime";
import { configGruposPadrao, regrasEmbutidas } from "#dominio/grupos";
import { ESPECIALIDADES } from "../packages/dominio/grupos/src/embutido/lista-especialidades.ts";
import type { ItemMensagem } from "../packages/dominio/grupos/src/fila.ts";
import { cacheEmMemoria, provedorLlm } from "../packages/dominio/grupos/src/llm/index.ts";
import {
  entradaDe,
  type Passo,
  passoClassificacao,
  passoExtracao,
  passoHeuristica,
} from "../packages/dominio/grupos/src/passos/mensagem.ts";
import type { VagaPronta } from "../packages/dominio/grupos/src/regras/pos-extracao.ts";
import { CAMPOS, type Campo, COBRADOS, igual, parear } from "./avaliar/comparar.ts";
import { diaDaMensagem, lerRegistros, ofertaEsperada, type Registro } from "./avaliar/registro.ts";

interface Veredito {
  oferta: boolean;
  motivo: string | null;
  vagas: VagaPronta[];
}

const USO = `uso: npm run avaliar:grupos -- --arquivo <jsonl> [--provedor embutido|llm] [--catalogo <json>] [--json] [--minimo 0.95]`;
const CATALOGO = join(import.meta.dirname, "../packages/dominio/grupos/mensagens/catalogo-teste.json");

/** O caminho de uma mensagem pelos três estágios, como no pipeline; o veredito é o do último a que chegou. */
async function percorrerRegistro(registro: Registro, provedor: Perguntar): Promise<Veredito> {
  const config = configGruposPadrao();
  const item = itemDe(registro);
  const oferta = (passo: Passo): boolean => passo.patch.eh_oferta ?? passo.acao !== "descartar";
  let passo = passoHeuristica(item, provedor.regras, config);
  if (passo.acao === "classificar") passo = passoClassificacao(await provedor.classificar(item), config);
  if (passo.acao === "extrair") passo = passoExtracao(item, await provedor.extrair(item), config);
  return { oferta: oferta(passo), motivo: passo.motivo, vagas: passo.vagas ?? [] };
}

interface Perguntar {
  regras: ReturnType<typeof regrasEmbutidas>;
  classificar(item: ItemMensagem): Promise<Parameters<typeof passoClassificacao>[0]>;
  extrair(item: ItemMensagem): Promise<Parameters<typeof passoExtracao>[1]>;
}

function criarProvedor(nome: string, aliases: readonly string[]): Perguntar {
  const regras = regrasEmbutidas(aliases);
  if (nome === "embutido") {
    return {
      regras,
      classificar: async (item) => regras.classificarAgora(entradaDe(item)),
      extrair: async (item) => regras.extrairAgora(entradaDe(item)),
    };
  }
  const env = loadConfig(z.object(llmConfigShape), process.env);
  const llm = llmFrom(env, { clock: systemClock, log: silentLogger });
  if (!llm) throw new Error("--provedor llm pede OPENAI_API_KEY no ambiente");
  const externo = provedorLlm({
    llm: llm.client,
    modelo: env.LLM_MODEL,
    embutido: { guarda: (entrada) => regras.veto(entrada) },
    cache: cacheEmMemoria(systemClock),
    especialidades: ESPECIALIDADES,
    clock: systemClock,
    log: silentLogger,
  });
  const signal = () => AbortSignal.timeout(120_000);
  return {
    regras,
    classificar: async (item) => (await externo.classificar(entradaDe(item), { signal: signal() })).resultado,
    extrair: async (item) => (await externo.extrair(entradaDe(item), { signal: signal() })).resultado,
  };
}

function itemDe(r: Registro): ItemMensagem {
  return {
    id: r.id,
    token: "",
    tentativas: 0,
    max_tentativas: 1,
    mensagem_id: r.id,
    estagio: "pendente",
    texto: r.texto,
    data_referencia: diaDaMensagem(r),
    instance_name: null,
    grupo_id: "",
    grupo_nome: r.grupo?.nome ?? null,
    grupo_regiao: r.grupo?.regiao ?? null,
    grupo_hospital: null,
    contato_id: null,
    remetente_nome: r.remetente?.nome ?? null,
    remetente_telefone: r.remetente?.telefone ?? null,
  };
}

class Placar {
  certos = 0;
  total = 0;
  contar(certo: boolean): void {
    this.total++;
    if (certo) this.certos++;
  }
  /** 1 quando não havia nada a acertar. */
  get taxa(): number {
    return this.total === 0 ? 1 : this.certos / this.total;
  }
}

async function avaliar(registros: readonly Registro[], provedor: Perguntar) {
  const erros: string[] = [];
  const acuracia = new Placar();
  const precisao = new Placar();
  const cobertura = new Placar();
  const vagasPrecisao = new Placar();
  const vagasCobertura = new Placar();
  const campos = Object.fromEntries(Object.keys(CAMPOS).map((c) => [c, new Placar()])) as Record<Campo, Placar>;
  for (const registro of registros) {
    const obtido = await percorrerRegistro(registro, provedor);
    const esperada = ofertaEsperada(registro);
    if (esperada !== null) {
      acuracia.contar(obtido.oferta === esperada);
      if (obtido.oferta) precisao.contar(esperada);
      if (esperada) cobertura.contar(obtido.oferta);
      if (obtido.oferta !== esperada) {
        erros.push(`${registro.id} oferta: esperava ${esperada}, obteve ${obtido.oferta} (${obtido.motivo ?? "-"})`);
      }
    }
    if (!registro.esperado.vagas) continue;
    const { pares, faltaram, sobraram } = parear(registro.esperado.vagas, obtido.vagas);
    for (const _ of pares) {
      vagasPrecisao.contar(true);
      vagasCobertura.contar(true);
    }
    for (const v of faltaram) {
      vagasCobertura.contar(false);
      erros.push(
        `${registro.id} faltou a vaga ${v.data ?? "?"} ${v.periodo ?? "?"} ${v.hospital_raw ?? ""} (${obtido.motivo ?? "-"})`,
      );
    }
    for (const v of sobraram) {
      vagasPrecisao.contar(false);
      erros.push(`${registro.id} sobrou a vaga ${v.data} ${v.periodo ?? "?"} ${v.hospital_raw}`);
    }
    for (const { esperada: e, obtida } of pares) {
      for (const campo of Object.keys(CAMPOS) as Campo[]) {
        if (!(campo in e)) continue;
        const valor = CAMPOS[campo](obtida);
        const certo = igual(campo, e[campo], valor);
        campos[campo].contar(certo);
        if (!certo)
          erros.push(
            `${registro.id} ${campo} em ${obtida.data}: esperava ${JSON.stringify(e[campo])}, obteve ${JSON.stringify(valor)}`,
          );
      }
    }
  }
  return {
    resultado: {
      registros: registros.length,
      oferta: { precisao: precisao.taxa, cobertura: cobertura.taxa, acuracia: acuracia.taxa },
      campos: Object.fromEntries(COBRADOS.map((c) => [c, campos[c].taxa])),
      vagas: { precisao: vagasPrecisao.taxa, cobertura: vagasCobertura.taxa },
    },
    outros: Object.fromEntries(
      Object.entries(campos)
        .filter(([c]) => !COBRADOS.includes(c as Campo))
        .map(([c, p]) => [c, p.taxa]),
    ),
    erros,
  };
}

function imprimir({ resultado: r, outros, erros }: Awaited<ReturnType<typeof avaliar>>): void {
  const linha = (nome: string, taxa: number) => `  ${nome.padEnd(20)} ${taxa.toFixed(2)}`;
  const texto = [
    `${r.registros} registros`,
    "oferta",
    ...Object.entries(r.oferta).map(([n, t]) => linha(n, t)),
    "vagas",
    ...Object.entries(r.vagas).map(([n, t]) => linha(n, t)),
    "campos",
    ...Object.entries(r.campos).map(([n, t]) => linha(n, t)),
    "outros campos (não cobrados)",
    ...Object.entries(outros).map(([n, t]) => linha(n, t)),
    ...(erros.length > 0 ? ["", `${erros.length} erros`, ...erros.map((e) => `  ${e}`)] : []),
  ];
  process.stdout.write(`${texto.join("\n")}\n`);
}

function lerArquivo(caminho: string): string {
  try {
    return readFileSync(caminho, "utf8");
  } catch (err) {
    throw new Error(`não consegui ler ${caminho}`, { cause: err });
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      arquivo: { type: "string" },
      provedor: { type: "string", default: "embutido" },
      catalogo: { type: "string", default: CATALOGO },
      json: { type: "boolean", default: false },
      minimo: { type: "string", default: "0.95" },
    },
  });
  const minimo = Number(values.minimo);
  if (!values.arquivo) throw new Error(USO);
  if (!(minimo >= 0 && minimo <= 1)) throw new Error("--minimo deve ser um número de 0 a 1");
  if (values.provedor !== "embutido" && values.provedor !== "llm")
    throw new Error("--provedor deve ser embutido ou llm");
  const catalogo = z.record(z.string(), z.array(z.string())).parse(JSON.parse(lerArquivo(values.catalogo)));
  const aliases = Object.entries(catalogo).flatMap(([nome, outros]) => [nome, ...outros]);
  const registros = lerRegistros(lerArquivo(values.arquivo));
  const avaliacao = await avaliar(registros, criarProvedor(values.provedor, aliases));
  if (values.json) process.stdout.write(`${JSON.stringify(avaliacao.resultado)}\n`);
  else imprimir(avaliacao);
  const { oferta, campos, vagas } = avaliacao.resultado;
  const taxas = [...Object.values(oferta), ...Object.values(campos), ...Object.values(vagas)];
  return taxas.every((t) => t >= minimo) ? 0 : 1;
}

main().then(
  (codigo) => process.exit(codigo),
  (err: unknown) => {
    process.stderr.write(`${errorMessage(err)}\n`);
    process.exit(1);
  },
);
