import { describe, expect, test } from "vitest";
import { normalizarEndereco } from "./endereco.ts";

/** `logradouro | numero | complemento | bairro | cidade | UF | CEP`, com – no que falta. */
function partes(texto: string): string {
  const e = normalizarEndereco(texto);
  return [e.logradouro, e.numero, e.complemento, e.bairro, e.cidade, e.uf, e.cep].map((p) => p ?? "–").join(" | ");
}
const avisos = (texto: string) => normalizarEndereco(texto).avisos;

describe("os casos da página", () => {
  test("26: um endereço completo", () => {
    const texto = "R. Vergueiro, 1000 - Apto 12 - Liberdade - São Paulo/SP - 01504-000";
    expect(partes(texto)).toBe("Rua Vergueiro | 1000 | Apartamento 12 | Liberdade | São Paulo | SP | 01504-000");
    expect(normalizarEndereco(texto)).toMatchObject({
      confianca: 1,
      avisos: [],
      formatado: "Rua Vergueiro, 1000 - Apartamento 12 - Liberdade - São Paulo/SP - CEP 01504-000",
    });
  });

  test("27: tipo e título abreviados, sem bairro e sem CEP", () => {
    const texto = "Av. Brig. Faria Lima, 3477, São Paulo - SP";
    expect(partes(texto)).toBe("Avenida Brigadeiro Faria Lima | 3477 | – | – | São Paulo | SP | –");
    expect(normalizarEndereco(texto).confianca).toBe(0.8);
  });

  test("28: um dia do mês no nome da rua não é o número; a UF vem do CEP", () => {
    const texto = "Rua 25 de Março 1020, Centro, São Paulo, 01021-200";
    expect(partes(texto)).toBe("Rua 25 de Março | 1020 | – | Centro | São Paulo | SP | 01021-200");
    expect(avisos(texto)).toEqual(["uf_inferida_do_cep"]);
  });

  test("29: CEP e UF que não combinam ficam os dois, com aviso", () => {
    const e = normalizarEndereco("Rua das Flores, 10, Curitiba/PR, 01310-100");
    expect(e).toMatchObject({
      uf: "PR",
      cep: "01310-100",
      cidade: "Curitiba",
      avisos: ["cep_uf_divergente"],
      confianca: 0.85,
    });
  });

  test("30: a forma de Brasília e um número que não há", () => {
    expect(partes("SQN 210 Bloco B Apto 304, Asa Norte, Brasília - DF, 70862-020")).toBe(
      "SQN 210 Bloco B | – | Apartamento 304 | Asa Norte | Brasília | DF | 70862-020",
    );
    expect(partes("Pça. da Sé, s/n, Sé, São Paulo - sp, 01001-000")).toBe(
      "Praça da Sé | S/N | – | Sé | São Paulo | SP | 01001-000",
    );
  });
});

describe("limpeza", () => {
  test.each([
    ["espaços e travessões de todo tipo", "R. Vergueiro,\u00a01000 – Liberdade — São Paulo/SP"],
    ["linhas em vez de vírgulas", "R. Vergueiro, 1000\nLiberdade\nSão Paulo - SP"],
    ["o país no fim", "R. Vergueiro, 1000, Liberdade, São Paulo - SP, Brasil"],
    ["acentos decompostos", "R. Vergueiro, 1000, Liberdade, São Paulo/SP".normalize("NFD")],
    ["caracteres de controle", "R. Vergueiro\u0007, 1000, Liberdade, São Paulo\u200b/SP"],
  ])("%s", (_nome, texto) => {
    expect(partes(texto)).toBe("Rua Vergueiro | 1000 | – | Liberdade | São Paulo | SP | –");
  });
});

describe("CEP", () => {
  test.each([
    ["01504-000", "01504-000"],
    ["01504000", "01504-000"],
    ["01.504-000", "01504-000"],
    ["CEP: 01504000", "01504-000"],
    ["CEP 01504-000", "01504-000"],
  ])("%s no fim", (escrito, cep) => {
    expect(normalizarEndereco(`Rua Vergueiro, 1000, São Paulo - SP, ${escrito}`).cep).toBe(cep);
  });

  test("oito algarismos no meio, sem rótulo, não são CEP", () => {
    expect(normalizarEndereco("Rua Vergueiro, 1000, tel 34567890, São Paulo - SP").cep).toBeNull();
  });

  test("de vários, o rotulado; senão o último", () => {
    expect(normalizarEndereco("Rua A, 1, CEP 01504-000, São Paulo, SP, 20000-000").cep).toBe("01504-000");
    expect(normalizarEndereco("Rua A, 1, 01504-000, São Paulo, SP, 01310-100").cep).toBe("01310-100");
  });

  test.each(["00000-000", "00999-999"])("%s é inválido", (cep) => {
    expect(normalizarEndereco(`Rua A, 1, São Paulo - SP, ${cep}`)).toMatchObject({
      cep: null,
      avisos: ["cep_invalido"],
    });
  });
});

describe("UF e cidade", () => {
  test.each([
    ["Rua A, 1, Centro, Campinas - SP", "Campinas", "SP"],
    ["Rua A, 1, Centro, Campinas/sp", "Campinas", "SP"],
    ["Rua A, 1, Centro, Campinas (SP)", "Campinas", "SP"],
    ["Rua A, 1, Centro, Campinas SP", "Campinas", "SP"],
    ["Rua A, 1, Centro, Campinas, São Paulo", "Campinas", "SP"],
    ["Rua A, 1, Centro, Niterói, RJ", "Niterói", "RJ"],
    ["Rua A, 1, Centro, São Paulo, São Paulo", "São Paulo", "SP"],
  ])("%s", (texto, cidade, uf) => {
    expect(normalizarEndereco(texto)).toMatchObject({ cidade, uf, bairro: "Centro" });
  });

  test("São Paulo sozinha no fim é a cidade, e dela se deduz a UF", () => {
    expect(normalizarEndereco("Rua A, 1, Centro, São Paulo")).toMatchObject({
      cidade: "São Paulo",
      uf: "SP",
      avisos: ["uf_inferida_da_cidade"],
    });
  });

  test("bairro e cidade sem separador: vale a cidade conhecida mais longa", () => {
    expect(partes("Rua A, 1, Rudge Ramos São Bernardo do Campo SP")).toBe(
      "Rua A | 1 | – | Rudge Ramos | São Bernardo do Campo | SP | –",
    );
    expect(partes("Rua Augusta 1500 Consolação São Paulo SP")).toBe(
      "Rua Augusta | 1500 | – | Consolação | São Paulo | SP | –",
    );
  });

  test("o nome de uma cidade dentro do de um bairro não é a cidade", () => {
    expect(partes("Rua A, 1, Jardim São Paulo, Recife - PE")).toBe(
      "Rua A | 1 | – | Jardim São Paulo | Recife | PE | –",
    );
    expect(normalizarEndereco("Rua A, 1, Jardim São Paulo").cidade).toBeNull();
  });

  test("uma cidade fora da lista, com UF ou com CEP", () => {
    expect(partes("Rua A, 1, Centro, Atibaia, 12940-000")).toBe("Rua A | 1 | – | Centro | Atibaia | SP | 12940-000");
    expect(partes("Rua A, 1, Jardim Europa, 01449-000")).toBe("Rua A | 1 | – | Jardim Europa | – | SP | 01449-000");
  });
});

describe("logradouro", () => {
  test.each([
    ["R Augusta", "Rua Augusta"],
    ["AV. PAULISTA", "Avenida Paulista"],
    ["Aven. Brasil", "Avenida Brasil"],
    ["Al. Santos", "Alameda Santos"],
    ["Trav. do Carmo", "Travessa do Carmo"],
    ["Pca da República", "Praça da República"],
    ["Rod. Anhanguera", "Rodovia Anhanguera"],
    ["Estr. do Campo Limpo", "Estrada do Campo Limpo"],
    ["Lgo do Arouche", "Largo do Arouche"],
    ["R. Dr. Arnaldo", "Rua Doutor Arnaldo"],
    ["Av. Profa. Ida Kolb", "Avenida Professora Ida Kolb"],
    ["Pça. Mal. Deodoro", "Praça Marechal Deodoro"],
    ["R. Sta. Ifigênia", "Rua Santa Ifigênia"],
    ["rua joão xxiii", "Rua João XXIII"],
    ["RUA XV DE NOVEMBRO", "Rua XV de Novembro"],
    ["rua d'ávila", "Rua D'Ávila"],
    ["R.Vergueiro", "Rua Vergueiro"],
  ])("%s → %s", (escrito, logradouro) => {
    expect(normalizarEndereco(`${escrito}, 10, São Paulo - SP`)).toMatchObject({ logradouro, numero: "10" });
  });

  test("abreviaturas no começo do bairro", () => {
    expect(normalizarEndereco("Rua A, 1, Jd. Europa, São Paulo - SP").bairro).toBe("Jardim Europa");
    expect(normalizarEndereco("Rua A, 1, Vl. Sta. Luzia, São Paulo - SP").bairro).toBe("Vila Santa Luzia");
  });

  test("acentos são mantidos e nunca inventados", () => {
    expect(normalizarEndereco("rua sao joao, 1, sao paulo - sp")).toMatchObject({
      logradouro: "Rua Sao Joao",
      cidade: "Sao Paulo",
    });
  });
});

describe("número", () => {
  test.each([
    ["Rua A, nº 123, Centro", "Rua A", "123"],
    ["Rua A n. 123, Centro", "Rua A", "123"],
    ["Rua A número 123, Centro", "Rua A", "123"],
    ["Rua A, 123-A, Centro", "Rua A", "123A"],
    ["Rua A, 123b, Centro", "Rua A", "123B"],
    ["Av. Paulista, 1.578, Bela Vista", "Avenida Paulista", "1578"],
    ["Rua A - 123 - Centro", "Rua A", "123"],
    ["Rua A, S/Nº, Centro", "Rua A", "S/N"],
    ["Rua A, sem número, Centro", "Rua A", "S/N"],
    ["Rua 7, 45, Centro", "Rua 7", "45"],
    ["Rua 7, Centro, São Paulo", "Rua 7", null],
    ["Rua 13 de Maio, Bela Vista, São Paulo", "Rua 13 de Maio", null],
    ["Av. 9 de Julho 100, Bela Vista", "Avenida 9 de Julho", "100"],
    ["Rod. BR-116, km 45, Centro", "Rodovia BR-116", "KM 45"],
    ["Rodovia BR 116, Centro, São Paulo", "Rodovia BR 116", null],
    ["Rod. Anhanguera km 45, s/n, Centro", "Rodovia Anhanguera", "KM 45"],
  ])("%s", (texto, logradouro, numero) => {
    expect(normalizarEndereco(texto)).toMatchObject({ logradouro, numero });
  });

  test("o que segue o número no mesmo segmento vai adiante", () => {
    expect(partes("Rua A, 123 Bela Vista, São Paulo - SP")).toBe("Rua A | 123 | – | Bela Vista | São Paulo | SP | –");
  });
});

describe("complemento", () => {
  test.each([
    ["Rua A, 10, ap 12, Centro, São Paulo - SP", "Apartamento 12"],
    ["Rua A, 10 apto. 12 bl b, Centro, São Paulo - SP", "Apartamento 12, Bloco B"],
    ["Rua A 10 casa 2, Centro, São Paulo - SP", "Casa 2"],
    ["Rua A, 10, cj 51, Centro, São Paulo - SP", "Conjunto 51"],
    ["Rua A, 10, 2º andar, sala 3, Centro, São Paulo - SP", "2º Andar, Sala 3"],
    ["Rua A, 10, fundos, Centro, São Paulo - SP", "Fundos"],
    ["Rua A, 10, Qd 5 Lt 8, Centro, Goiânia - GO", "Quadra 5, Lote 8"],
  ])("%s", (texto, complemento) => {
    expect(normalizarEndereco(texto)).toMatchObject({
      logradouro: "Rua A",
      numero: "10",
      complemento,
      bairro: "Centro",
    });
  });

  test("uma palavra de complemento no nome da rua fica no nome", () => {
    expect(normalizarEndereco("Rua da Torre, 50, Centro, São Paulo - SP")).toMatchObject({
      logradouro: "Rua da Torre",
      numero: "50",
      complemento: null,
    });
    expect(normalizarEndereco("Rua Casa Branca, 50, São Paulo - SP").logradouro).toBe("Rua Casa Branca");
  });
});

describe("o que não é endereço", () => {
  test.each(["xyz", "asdf, qwer", "não sei", "amanhã de manhã", "123"])("%s é recusado, de vez", (texto) => {
    expect(() => normalizarEndereco(texto)).toThrow("Endereço não reconhecido");
  });

  test("só uma cidade, ou só um CEP, já é um endereço", () => {
    expect(partes("São Paulo - SP")).toBe("– | – | – | – | São Paulo | SP | –");
    expect(partes("01504-000")).toBe("– | – | – | – | – | SP | 01504-000");
  });

  test("um texto enorme termina depressa", () => {
    const inicio = performance.now();
    for (const texto of [
      "1, ".repeat(3000),
      "a".repeat(10_000),
      "apto ".repeat(2000),
      "12345678".repeat(1200),
      " - ".repeat(3000),
    ]) {
      try {
        normalizarEndereco(texto);
      } catch (err) {
        expect(String(err)).toContain("Endereço não reconhecido");
      }
    }
    expect(performance.now() - inicio).toBeLessThan(20_000);
  }, 30_000);
});
