import { describe, expect, test } from "vitest";
import { cpfValido, formatarCpf, pareceCelular } from "./cpf.ts";
import { normalizarDocumentos } from "./documentos.ts";
import { rgValido } from "./rg.ts";

const lidos = (texto: string) =>
  normalizarDocumentos(texto).documentos.map((d) => [d.tipo, d.numero, d.valido, d.orgao_emissor, d.uf].join(" "));

describe("os casos da página", () => {
  test("22: CPF e RG de São Paulo, os dois válidos", () => {
    const d = normalizarDocumentos("CPF: 529.982.247-25 RG: 24.678.131-2 SSP/SP");
    expect(d).toMatchObject({ cpf: "52998224725", rg: "246781312", avisos: [], confianca: 1, fonte: "deterministico" });
    expect(d.documentos).toEqual([
      { tipo: "CPF", numero: "52998224725", formatado: "529.982.247-25", valido: true, orgao_emissor: null, uf: null },
      { tipo: "RG", numero: "246781312", formatado: "24.678.131-2", valido: true, orgao_emissor: "SSP", uf: "SP" },
    ]);
  });

  test.each(["529.982.247-24", "111.111.111-11"])("23: %s é listado como inválido e não vai para a coluna", (texto) => {
    expect(normalizarDocumentos(texto)).toMatchObject({
      cpf: null,
      avisos: ["cpf_invalido"],
      documentos: [{ valido: false }],
    });
  });

  test("24: os zeros que a planilha comeu voltam", () => {
    expect(normalizarDocumentos("CPF 1234567890")).toMatchObject({
      cpf: "01234567890",
      avisos: ["cpf_zeros_restaurados"],
    });
  });

  test("25: onze algarismos com forma de celular não são CPF; sem mais nada, o texto é recusado", () => {
    expect(() => normalizarDocumentos("11987654321")).toThrow("Documento não reconhecido");
    const d = normalizarDocumentos("11987654321 RG 24.678.131-2");
    expect(d).toMatchObject({ cpf: null, rg: "246781312", avisos: ["cpf_ambiguo_telefone"] });
  });
});

describe("dígitos verificadores", () => {
  test.each(["52998224725", "01234567890", "11144477735", "39053344705"])("o CPF %s confere", (cpf) => {
    expect(cpfValido(cpf)).toBe(true);
  });
  test.each(["52998224724", "12345678901", "00000000000", "99999999999", "5299822472", "529982247250", "5299822472a"])(
    "o CPF %s não confere",
    (cpf) => {
      expect(cpfValido(cpf)).toBe(false);
    },
  );
  test("um só algarismo trocado nunca confere", () => {
    for (let i = 0; i < 11; i++) {
      for (let d = 0; d < 10; d++) {
        const outro = `52998224725`.slice(0, i) + d + `52998224725`.slice(i + 1);
        expect(cpfValido(outro)).toBe(outro === "52998224725");
      }
    }
  });
  test("RG: só o de São Paulo com nove caracteres se confere", () => {
    expect(rgValido("246781312", "SP")).toBe(true);
    expect(rgValido("246781313", "SP")).toBe(false);
    expect(rgValido("246781312", "RJ")).toBeNull();
    expect(rgValido("24678131", "SP")).toBeNull();
    expect(rgValido("246781312", null)).toBeNull();
  });
  test("RG paulista que termina em X ou em 0", () => {
    // Σ peso·dígito mod 11 = 1 → 10 → X; = 0 → 11 → 0.
    expect(rgValido("60000000X", "SP")).toBe(true);
    expect(rgValido("000000000", "SP")).toBe(true);
    expect(rgValido("60000000X".toLowerCase(), "SP")).toBeNull();
  });
  test("formatação e forma de celular", () => {
    expect(formatarCpf("52998224725")).toBe("529.982.247-25");
    expect(pareceCelular("11987654321")).toBe(true);
    expect(pareceCelular("20987654321")).toBe(false);
    expect(pareceCelular("11887654321")).toBe(false);
  });
});

describe("CPF", () => {
  test.each([
    "CPF 52998224725",
    "cpf: 529.982.247-25",
    "C.P.F. nº 529.982.247-25",
    "CPF 529 982 247 25",
    "529.982.247-25",
    "52998224725",
    "paciente de CPF=52998224725, particular",
    "CPF529.982.247-25",
  ])("%s", (texto) => {
    expect(normalizarDocumentos(texto).cpf).toBe("52998224725");
  });

  test("o rotulado vem antes do pontuado, e este antes do solto", () => {
    expect(normalizarDocumentos("39053344705 111.444.777-35 CPF 529.982.247-25")).toMatchObject({
      cpf: "52998224725",
      documentos: [{ numero: "52998224725" }, { numero: "11144477735" }, { numero: "39053344705" }],
    });
  });

  test("com um inválido e um válido, vale o válido", () => {
    expect(normalizarDocumentos("CPF 529.982.247-24, CPF 111.444.777-35")).toMatchObject({
      cpf: "11144477735",
      avisos: ["cpf_invalido"],
    });
  });

  test("menos de oito algarismos não é um CPF, com aviso; zeros não são inventados sem que os dígitos confiram", () => {
    expect(normalizarDocumentos("CPF 1234567")).toMatchObject({ cpf: null, avisos: ["cpf_invalido"] });
    expect(normalizarDocumentos("CPF 1234567891")).toMatchObject({ cpf: null, avisos: ["cpf_invalido"] });
  });

  test("um celular rotulado não é um CPF, nem é ambíguo", () => {
    expect(normalizarDocumentos("CPF 529.982.247-25 cel (11) 98765-4321")).toMatchObject({
      cpf: "52998224725",
      avisos: [],
    });
    expect(normalizarDocumentos("tel 11987654321, RG 12.345.678")).toMatchObject({ cpf: null, avisos: [] });
  });
});

describe("RG", () => {
  test.each([
    ["RG 12.345.678-9", "RG 123456789   "],
    ["RG: 24.678.131-3 SSP/SP", "RG 246781313 false SSP SP"],
    ["Identidade 1234567 SDS PE", "RG 1234567  SDS PE"],
    ["Registro Geral nº 12345 DETRAN-RJ", "RG 12345  DETRAN RJ"],
    ["C.I. 20.123.456-x SESP/PR", "RG 20123456X  SESP PR"],
    ["RG MG-12.345.678", "RG 12345678   MG"],
    ["12.345.678-9 IFP/RJ", "RG 123456789  IFP RJ"],
  ])("%s", (texto, esperado) => {
    expect(lidos(texto)).toEqual([esperado]);
  });

  test("um RG paulista que não confere fica, com aviso", () => {
    expect(normalizarDocumentos("RG 24.678.131-3 SSP/SP")).toMatchObject({ rg: "246781313", avisos: ["rg_invalido"] });
  });

  test("a identidade nova tem o número do CPF", () => {
    expect(normalizarDocumentos("CPF 529.982.247-25 RG 529.982.247-25")).toMatchObject({
      cpf: "52998224725",
      rg: "52998224725",
    });
  });
});

describe("outros documentos não são tomados por CPF", () => {
  test.each([
    ["CNH 52998224725", "CNH 52998224725   "],
    ["Cartão SUS 898 0012 3456 7890", null],
    ["CNS 898001234567890", "CNS 898001234567890   "],
    ["CNS 898 0012 3456 7890", "CNS 898001234567890   "],
    ["CRM/SP 123456", "CRM 123456   SP"],
    ["CRM 123456-SP", "CRM 123456   SP"],
    ["PIS 120.12345.67-8", "PIS 12012345678   "],
  ])("%s", (texto, esperado) => {
    const d = normalizarDocumentos(texto);
    expect(d).toMatchObject({ cpf: null, rg: null });
    if (esperado !== null) expect(lidos(texto)).toEqual([esperado]);
  });
});

describe("o que não é documento", () => {
  test.each(["abc", "a confirmar", "12345", "52998224724", "2024-01-01", "(11) 98765-4321"])(
    "%s é recusado",
    (texto) => {
      expect(() => normalizarDocumentos(texto)).toThrow("Documento não reconhecido");
    },
  );

  test("textos enormes terminam depressa", () => {
    const inicio = performance.now();
    for (const texto of [
      "1".repeat(20_000),
      "cpf ".repeat(5_000),
      "1.".repeat(10_000),
      "rg - ".repeat(4_000),
      "1 ".repeat(10_000),
    ]) {
      try {
        normalizarDocumentos(texto);
      } catch (err) {
        expect(String(err)).toContain("Documento não reconhecido");
      }
    }
    expect(performance.now() - inicio).toBeLessThan(20_000);
  }, 30_000);
});
