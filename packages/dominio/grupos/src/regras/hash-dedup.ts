import { createHash } from "node:crypto";

/** The four things that make two postings the same shift (`domain/grupos-pipeline.md` §5.6); the sector only separates. */
export interface ChaveDedup {
  hospital_id: string;
  /** `YYYY-MM-DD` */
  data: string;
  periodo_id: string | null;
  especialidade_id: string;
}

/** md5 in hex, the value of `vagas_grupo.hash_dedup`. */
export function hashDedup(chave: ChaveDedup): string {
  const partes = [chave.hospital_id, chave.data, chave.periodo_id ?? "sem_periodo", chave.especialidade_id];
  return createHash("md5").update(partes.join("|")).digest("hex");
}
