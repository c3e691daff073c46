import { expect, test } from "vitest";
import { extrair, ler } from "../testing/leitura.ts";

const telefones = (texto: string, ddd: string | null = "35") => ler(texto, { ddd }).telefones.map((t) => t.numero);

test.each([
  ["(11) 98888-1234", "5511988881234"],
  ["11 98888-1234", "5511988881234"],
  ["11988881234", "5511988881234"],
  ["11 98888.1234", "5511988881234"],
  ["11 9 8888-1234", "5511988881234"],
  ["(11) 9.8888-1234", "5511988881234"],
  ["011 98888-1234", "5511988881234"],
  ["+55 11 98888-1234", "5511988881234"],
  ["5511988881234", "5511988881234"],
  ["55 (11) 98888-1234", "5511988881234"],
  ["11 3333-2026", "551133332026"],
  ["(11) 3333 2026", "551133332026"],
  ["wa.me/5511977776666", "5511977776666"],
  ["https://wa.me/11977776666", "5511977776666"],
  ["https://api.whatsapp.com/send?phone=5511977776666&text=oi", "5511977776666"],
  ["9 8123-4567", "5535981234567"],
  ["98123-4567", "5535981234567"],
])("C1: %j é %s", (texto, numero) => {
  expect(telefones(`Contato: ${texto}`)).toEqual([numero]);
});

test("C1: sem DDD e sem o do remetente não há telefone", () => {
  expect(telefones("Contato 98123-4567", null)).toEqual([null]);
});

test("C1: o primeiro telefone vale", () => {
  expect(extrair("HVS CM 14/03 SN. Ana 11 98888-1234 ou Bia 11 97777-6666").vagas[0]?.contato_whatsapp).toBe(
    "5511988881234",
  );
});

test.each([
  "14/03/2026",
  "R$ 11.988,88",
  "CRM 11988",
  "1.500,00",
  "19h-7h",
  "CEP 01310-100",
  "CNPJ 12.345.678/0001-90",
])("%j não é telefone", (texto) => {
  expect(telefones(texto)).toEqual([]);
});

test("C3: sem telefone fica nulo, que o remetente atende na importação", () => {
  expect(extrair("HVS CM 14/03 SN, chamar no pv").vagas[0]?.contato_whatsapp).toBeNull();
});

test.each([
  ["falar com Beto (19) 99777-0001", "Beto"],
  ["Falar com Dra. Helena 21 98111-0000", "Helena"],
  ["Contato: Renata 21 99876-5432", "Renata"],
  ["Zap 11 97654-3210 (Camila)", "Camila"],
  ["Interessados chamar no privado", null],
])("C2: em %j o nome é %s", (texto, nome) => {
  expect(extrair(`HVS CM 14/03 SN. ${texto}`).vagas[0]?.contato_nome).toBe(nome);
});

test("o 24h do nome de uma UPA não é um plantão de 24 horas", () => {
  expect(extrair("UPA 24h Jardim Aurora CM 14/03 SN").vagas.map((v) => v.periodo)).toEqual(["noturno"]);
});

test("saudação não é período", () => {
  expect(extrair("Boa noite! HVS CM 14/03 SD").vagas.map((v) => v.periodo)).toEqual(["diurno"]);
});
