import { z } from "zod";
import { localDay } from "#core/runtime";

const hora = z.string().nullable();
const VagaEsperada = z.object({
  hospital_raw: z.string().nullable().optional(),
  setor: z.string().nullable().optional(),
  especialidade: z.string().nullable().optional(),
  data: z.string().nullable().optional(),
  dia_semana: z.string().nullable().optional(),
  periodo: z.string().nullable().optional(),
  hora_inicio: hora.optional(),
  hora_fim: hora.optional(),
  valor_tipo: z.string().nullable().optional(),
  valor: z.number().nullable().optional(),
  valor_minimo: z.number().nullable().optional(),
  valor_maximo: z.number().nullable().optional(),
  numero_vagas: z.number().nullable().optional(),
  contato_whatsapp: z.string().nullable().optional(),
});
export type VagaEsperada = z.infer<typeof VagaEsperada>;

/** Sem deslocamento, a hora é a de São Paulo, e só o dia importa. */
const instante = z.iso.datetime({ offset: true, local: true });

/** Um registro da forma de `grupos-exemplos.jsonl`; o que falta em `esperado` não conta. */
export const Registro = z.object({
  id: z.union([z.string(), z.number()]).transform(String).optional(),
  texto: z.string(),
  data_mensagem: z.union([instante, z.iso.date()]),
  grupo: z.object({ nome: z.string().nullish(), regiao: z.string().nullish() }).nullish(),
  remetente: z.object({ nome: z.string().nullish(), telefone: z.string().nullish() }).nullish(),
  esperado: z.object({
    eh_oferta: z.boolean().optional(),
    heuristica: z.object({ decisao: z.string().optional() }).nullish(),
    classificacao: z.object({ eh_oferta: z.boolean().nullable().optional() }).nullish(),
    mensagem: z.object({ estagio_final: z.string().optional(), motivo: z.string().nullish() }).nullish(),
    vagas: z.array(VagaEsperada).nullish(),
  }),
});
export type Registro = z.infer<typeof Registro> & { id: string };

const SEM_HORA = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]*)?$/;

/** `R`: o dia de São Paulo em que a mensagem foi mandada. */
export function diaDaMensagem({ data_mensagem }: Pick<Registro, "data_mensagem">): string {
  return SEM_HORA.test(data_mensagem) ? data_mensagem.slice(0, 10) : localDay(new Date(data_mensagem));
}

/** Lê um JSONL. Uma linha ruim é um erro que diz qual e o que falta. */
export function lerRegistros(conteudo: string): Registro[] {
  const registros = conteudo
    .replace(/^\ufeff/, "")
    .split("\n")
    .flatMap((linha, i): Registro[] => {
      if (linha.trim() === "") return [];
      let valor: unknown;
      try {
        valor = JSON.parse(linha);
      } catch (err) {
        throw new Error(`linha ${i + 1}: não é JSON (${err instanceof Error ? err.message : String(err)})`);
      }
      const lido = Registro.safeParse(valor);
      if (lido.success) return [{ ...lido.data, id: lido.data.id ?? `linha ${i + 1}` }];
      const [problema] = lido.error.issues;
      throw new Error(`linha ${i + 1}: ${problema?.path.join(".") || "registro"}: ${problema?.message ?? "inválido"}`);
    });
  if (registros.length === 0) throw new Error("nenhum registro no arquivo");
  return registros;
}

/** O veredito que o registro pede: da classificação; senão do estágio final ou das vagas; null se não diz. */
export function ofertaEsperada({ esperado }: Registro): boolean | null {
  if (esperado.eh_oferta !== undefined) return esperado.eh_oferta;
  const dito = esperado.classificacao?.eh_oferta;
  if (typeof dito === "boolean") return dito;
  if (esperado.mensagem?.motivo?.startsWith("extracao:")) return true;
  if (esperado.mensagem?.estagio_final) return esperado.mensagem.estagio_final === "finalizado";
  if (esperado.heuristica?.decisao === "descartar") return false;
  return esperado.vagas ? esperado.vagas.length > 0 : null;
}
