export interface Precos {
  /** O anterior, como a página o diz. */
  antigoCents: number | null;
  /** O atual da página; null: ela não o diz. */
  atualCents: number | null;
  /** O que o scraping inicial guardou; vale quando a página não diz. */
  dadoCents: number;
  /** O rótulo da própria página, `37% OFF`; null: não há. */
  rotuloPct: number | null;
}

export interface Desconto {
  antigoCents: number;
  /** 0..99; 0 é um desconto de menos de um por cento, não a falta de um. */
  pct: number;
  /** O rótulo da página difere por mais de um ponto do que os preços dizem; vale o calculado. */
  rotuloDivergente: boolean;
}

/** Desconto de uma oferta (§4.5), em aritmética inteira. Null: não há preço anterior maior que o atual, logo não há desconto. */
export function calcularDesconto({ antigoCents, atualCents, dadoCents, rotuloPct }: Precos): Desconto | null {
  const atual = atualCents ?? dadoCents;
  if (antigoCents === null || antigoCents <= atual) return null;
  const parte = (antigoCents - atual) * 100;
  const calculado = (parte - (parte % antigoCents)) / antigoCents;
  const perto = rotuloPct !== null && Math.abs(rotuloPct - calculado) <= 1;
  return {
    antigoCents,
    pct: perto ? rotuloPct : calculado,
    rotuloDivergente: rotuloPct !== null && !perto,
  };
}
