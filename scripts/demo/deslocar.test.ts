import { expect, test } from "vitest";
import { deslocarMensagem } from "./deslocar.ts";

test.each([
  ["Data: 14/03 (sábado), das 19h às 7h", "Data: 24/03 (terça), das 19h às 7h"],
  ["Dias 12, 14 e 19/03 - noturno 19h-7h", "Dias 22/03, 24/03 e 29/03 - noturno 19h-7h"],
  ["de 16 a 20/03, 7h às 13h", "de 26/03 a 30/03, 7h às 13h"],
  ["dia 15 diurno e dia 18 noturno, 1.300 cada", "dia 25/03 diurno e dia 28/03 noturno, 1.300 cada"],
  ["25/03/2026 08:00 - 17:00", "04/04/2026 08:00 - 17:00"],
  ["seg 16/03 tarde (13-19h)", "qui 26/03 tarde (13-19h)"],
  ["quinta, 12/03 🕖 19h/07h 💲1.550 ☎️ 11 96439-0000", "domingo, 22/03 🕖 19h/07h 💲1.550 ☎️ 11 96439-0000"],
  ["R$ 6.000 pelos 4 plantões, 2k, fim de semana R$ 1.400", "R$ 6.000 pelos 4 plantões, 2k, fim de semana R$ 1.400"],
])("dez dias depois, %j vira %j", (antes, depois) => {
  expect(deslocarMensagem(antes, "2026-03-10", 10)).toBe(depois);
});

test("a virada do ano acompanha", () => {
  expect(deslocarMensagem("05/01 diurno", "2025-12-28", 0)).toBe("05/01 diurno");
  expect(deslocarMensagem("28/12 diurno", "2026-12-20", 10)).toBe("07/01 diurno");
});
