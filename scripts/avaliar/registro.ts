import { z } from "zod";

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

/** Um registro da forma de `grupos-exemplos.jsonl`; o que falta em `esperado` não conta. */
export const Registro = z.object({
  id: z.string(),
  texto: z.string(),
  data_mensagem: z.iso.datetime({ offset: true }),
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
export type Registro = z.infer<typeof Registro>;

/** Lê um JSONL. Uma linha ruim é um erro que diz qual e o que falta. */
export function lerRegistros(conteudo: string): Registro[] {
  const registros = conteudo.split("\n").flatMap((linha, i) => {
    if (linha.trim() === "") return [];
    let valor: unknown;
    try {
      valor = JSON.parse(linha);
    } catch (err) {
      throw new Error(`linha ${i + 1}: não é JSON (${err instanceof Error ? err.message : String(err)})`);
    }
    const lido = Registro.safeParse(valor);
    if (lido.success) return [lido.data];
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
