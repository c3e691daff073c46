import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

/** Um caminho mais lento até `destino`: cada pedaço que vai espera `ms`. */
export async function comAtraso(destino: string, ms: number): Promise<{ url: string; fechar(): Promise<void> }> {
  const { hostname, port } = new URL(destino);
  const abertas = new Set<Socket>();
  const servidor = createServer((cliente) => {
    const banco = connect(Number(port), hostname);
    for (const s of [cliente, banco]) {
      abertas.add(s);
      s.on("error", () => undefined); // a outra ponta é fechada logo abaixo
      s.once("close", () => {
        abertas.delete(s);
        cliente.destroy();
        banco.destroy();
      });
    }
    cliente.on("data", (pedaco) => setTimeout(() => banco.writable && banco.write(pedaco), ms));
    banco.on("data", (pedaco) => cliente.write(pedaco));
  });
  await new Promise<void>((resolve) => servidor.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(servidor.address() as AddressInfo).port}`,
    async fechar() {
      const fechado = new Promise((resolve) => servidor.close(resolve));
      for (const s of abertas) s.destroy();
      await fechado;
    },
  };
}
