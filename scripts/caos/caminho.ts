import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

/** Um caminho TCP até um servidor, com o seu próprio endereço. */
export interface Caminho {
  readonly url: string;
  fechar(): Promise<void>;
}

/** Cada pedaço que vai até `destino` passa quando `passar` chamar `enviar`, na ordem em que veio; o que volta, volta logo. */
async function abrirCaminho(destino: string, passar: (enviar: () => void, pedaco: Buffer) => void): Promise<Caminho> {
  const { hostname, port } = new URL(destino);
  const abertas = new Set<Socket>();
  const servidor = createServer((cliente) => {
    const longe = connect(Number(port), hostname);
    for (const s of [cliente, longe]) {
      abertas.add(s);
      s.on("error", () => undefined); // a outra ponta é fechada logo abaixo
      s.once("close", () => {
        abertas.delete(s);
        cliente.destroy();
        longe.destroy();
      });
    }
    cliente.on("data", (pedaco: Buffer) => passar(() => longe.writable && longe.write(pedaco), pedaco));
    longe.on("data", (pedaco) => cliente.write(pedaco));
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

/** Um caminho mais lento: cada pedaço que vai espera `ms`. */
export const comAtraso = (destino: string, ms: number) => abrirCaminho(destino, (enviar) => setTimeout(enviar, ms));

/** Um caminho em que nada chega antes de `abrir`; `retido` é o que já veio. */
export async function represar(destino: string): Promise<Caminho & { abrir(): void; retido(): string }> {
  const aberta = Promise.withResolvers<void>();
  let retido = "";
  const caminho = await abrirCaminho(destino, (enviar, pedaco) => {
    retido += pedaco.toString("latin1");
    void aberta.promise.then(enviar);
  });
  return { ...caminho, abrir: () => aberta.resolve(), retido: () => retido };
}
