/** Who wrote a group message: phone behind a LID, and the company people put in their WhatsApp name. */

export interface ContatoRecebido {
  /** `55…@s.whatsapp.net` or `…@lid` */
  jid: string;
  /** Digits with country code; null for a LID that nothing resolves: the digits of a LID are no phone (F19). */
  telefone: string | null;
  nome: string | null;
  empresa: string | null;
}

export interface EmpresaConhecida {
  nome: string;
  /** Folded spellings looked for at the end of the name. */
  grafias: readonly string[];
}

/** Companies people append to their name without a separator (`domain/grupos-pipeline.md` §5.1). */
export const EMPRESAS_CONHECIDAS: readonly EmpresaConhecida[] = [
  { nome: "Quero Plantão", grafias: ["quero plantao"] },
  { nome: "SMPV", grafias: ["smpv"] },
  { nome: "SERGES", grafias: ["serges"] },
  { nome: "Medtrust", grafias: ["medtrust"] },
  { nome: "Hapvida", grafias: ["hapvida"] },
  { nome: "Medscalle", grafias: ["medscalle"] },
  { nome: "Medopen", grafias: ["medopen"] },
  { nome: "MP Doctor", grafias: ["mp doctor", "mpdoctor"] },
];

const JID_TELEFONE = /^(\d{8,15})(?::\d+)?(?:@(?:s\.whatsapp\.net|c\.us))?$/;

/** Digits of a phone jid (`5511999990000:12@s.whatsapp.net`) or of a bare number; null for a LID or anything else. */
export function telefoneDoJid(jid: string | null | undefined): string | null {
  return JID_TELEFONE.exec(jid ?? "")?.[1] ?? null;
}

/** The jid without the device suffix, so that a person's phone and computer are one contact. */
export function jidSemDispositivo(jid: string): string {
  return jid.replace(/:\d+@/, "@");
}

/** `"Paula - Escalas Alfa"` → Paula, Escalas Alfa; `"Carla Adm Medtrust"` → Carla, Medtrust; else no company. */
export function separarNome(
  pushName: string | null,
  empresas: readonly EmpresaConhecida[] = EMPRESAS_CONHECIDAS,
): { nome: string | null; empresa: string | null } {
  const inteiro = (pushName ?? "").replace(/\s+/g, " ").trim();
  if (inteiro === "") return { nome: null, empresa: null };
  const separado = /^(.+?)(?: ?\| ?| [-–—] )(.+)$/.exec(inteiro);
  if (separado?.[1] && separado[2]) return { nome: separado[1].trim(), empresa: separado[2].trim() };

  const dobrado = inteiro
    .normalize("NFC")
    .replace(/\p{L}/gu, (letra) => letra.normalize("NFD").charAt(0))
    .toLowerCase();
  for (const empresa of empresas) {
    for (const grafia of empresa.grafias) {
      if (!dobrado.endsWith(grafia)) continue;
      const antes = inteiro.normalize("NFC").slice(0, dobrado.length - grafia.length);
      if (/[\p{L}\p{N}]$/u.test(antes)) continue;
      const nome = antes.replace(/(?:[\s-]+(?:adm|jr))*[\s-]*$/iu, "").trim();
      return { nome: nome === "" ? inteiro : nome, empresa: empresa.nome };
    }
  }
  return { nome: inteiro, empresa: null };
}
