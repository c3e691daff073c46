import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const RAIZ = join(import.meta.dirname, "../..");
const MENSAGENS = join(RAIZ, "packages/dominio/grupos/mensagens");
let pasta: string;
beforeAll(() => {
  pasta = mkdtempSync(join(tmpdir(), "avaliar-"));
});
afterAll(() => rmSync(pasta, { recursive: true }));

function avaliar(...args: string[]) {
  const r = spawnSync(process.execPath, ["scripts/avaliar-grupos.ts", ...args], { cwd: RAIZ, encoding: "utf8" });
  return { codigo: r.status, saida: r.stdout, erro: r.stderr };
}
function arquivo(nome: string, linhas: unknown[]): string {
  const caminho = join(pasta, nome);
  writeFileSync(caminho, linhas.map((l) => (typeof l === "string" ? l : JSON.stringify(l))).join("\n"));
  return caminho;
}

test.each(["exemplos.jsonl", "exemplos-adicionais.jsonl", "corpus.jsonl", "corpus-2.jsonl"])(
  "%s: nenhum erro",
  (nome) => {
    const { codigo, saida, erro } = avaliar("--arquivo", join(MENSAGENS, nome), "--json", "--minimo", "1");
    expect(erro).toBe("");
    const r = JSON.parse(saida) as {
      registros: number;
      oferta: Record<string, number>;
      campos: Record<string, number>;
      vagas: Record<string, number>;
    };
    expect(r.registros).toBeGreaterThan(10);
    for (const parte of [r.oferta, r.campos, r.vagas]) {
      expect(Object.entries(parte).filter(([, v]) => v !== 1)).toEqual([]);
    }
    expect(codigo).toBe(0);
  },
);

test("abaixo do mínimo sai com 1 e mostra o esperado e o obtido", () => {
  const linhas = readFileSync(join(MENSAGENS, "exemplos.jsonl"), "utf8").trim().split("\n");
  const trocado = linhas.map((l) => l.replace(/"valor": ?\d+/g, '"valor":1'));
  const { codigo, saida } = avaliar("--arquivo", arquivo("trocado.jsonl", trocado));
  expect(codigo).toBe(1);
  expect(saida).toMatch(/GX-\d+[\s\S]*valor/);
});

test("um registro ruim é dito pela linha e pelo campo, e sai com 1", () => {
  const { codigo, erro } = avaliar("--arquivo", arquivo("ruim.jsonl", [{ id: "X-1" }]));
  expect(codigo).toBe(1);
  expect(erro).toMatch(/linha 1[\s\S]*texto/);
});
