import { PermanentError } from "#core/runtime";

/** Não é uma planilha que se possa ler: 422. */
export class PlanilhaIlegivel extends PermanentError {
  constructor(motivo: string, cause?: unknown) {
    super("dados_ilegiveis", `não foi possível ler a planilha: ${motivo}`, { campo: "file", cause });
  }
}

/** Mais do que se aceita de uma vez: 413. */
export class PlanilhaGrande extends PermanentError {
  constructor(maximoBytes: number) {
    super("corpo_grande_demais", `a planilha descomprimida passa de ${Math.round(maximoBytes / 2 ** 20)} MB`, {
      campo: "file",
    });
  }
}

export class LinhasDemais extends PermanentError {
  constructor(maximo: number) {
    super("corpo_grande_demais", `a planilha passa de ${maximo} linhas; divida-a em mais de um arquivo`, {
      campo: "file",
    });
  }
}
