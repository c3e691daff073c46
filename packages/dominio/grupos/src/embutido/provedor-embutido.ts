import type { CatalogoHospitais, Classificacao, EntradaMensagem, Extracao, Provedor } from "../provedor.ts";
import { classificarMensagem, type Veredito } from "./classificador.ts";
import { compilarAliases } from "./hospitais.ts";
import { lerMensagem, type MensagemLida } from "./leitura.ts";
import { montarVagas } from "./montagem.ts";

export const NOME_EMBUTIDO = "embutido-v1";

/** O provedor padrão: determinístico, sem rede. As formas `…Agora` são as que o pipeline usa em lote. */
export interface ProvedorEmbutido extends Provedor {
  classificarAgora(entrada: EntradaMensagem): Classificacao;
  extrairAgora(entrada: EntradaMensagem): Extracao;
  /** §5.4, passo 1: os vetos e `eh_oferta`, que valem também para a resposta de um LLM. */
  guarda(entrada: EntradaMensagem): Veredito;
}

/** Função pura do texto, de R, do DDD do remetente e dos aliases conhecidos, que são compilados uma vez. */
export function provedorEmbutido(catalogo: CatalogoHospitais): ProvedorEmbutido {
  const aliases = compilarAliases(catalogo);
  // Classificar e extrair a mesma mensagem são duas perguntas seguidas sobre a mesma leitura.
  let ultima: { chave: string; lida: MensagemLida } | null = null;
  const ler = ({ texto, dataReferencia, remetente: { ddd } }: EntradaMensagem): MensagemLida => {
    const chave = `${dataReferencia}|${ddd ?? ""}|${texto}`;
    if (ultima?.chave !== chave) ultima = { chave, lida: lerMensagem(texto, { dataReferencia, ddd, aliases }) };
    return ultima.lida;
  };

  function classificarAgora(entrada: EntradaMensagem): Classificacao {
    return { ...classificarMensagem(ler(entrada)), classificador: NOME_EMBUTIDO };
  }
  function extrairAgora(entrada: EntradaMensagem): Extracao {
    const mensagem = ler(entrada);
    const { eh_oferta, motivo } = classificarMensagem(mensagem);
    return { eh_oferta, motivo, vagas: eh_oferta ? montarVagas(mensagem) : [], extrator: NOME_EMBUTIDO };
  }
  return {
    nome: NOME_EMBUTIDO,
    externo: false,
    classificarAgora,
    extrairAgora,
    guarda: (entrada) => classificarMensagem(ler(entrada)),
    classificar: async (entrada) => ({ resultado: classificarAgora(entrada), uso: [] }),
    extrair: async (entrada) => ({ resultado: extrairAgora(entrada), uso: [] }),
  };
}
