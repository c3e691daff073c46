import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestStack } from "#core/db-testing";
import { createScaledTime, pause } from "#core/executions";
import { type AuditReport, auditSlots, type SlotVerdict } from "#core/operations";
import { type Clock, systemClock } from "#core/runtime";
import { iniciar, type Processo } from "./processo.ts";

/** Um job da agenda do ensaio. */
export interface Agenda {
  name: string;
  cron: string;
  periodS: number;
  graceS: number;
  everyS?: number;
}

/** Uma promessa, o que ela limita e o que se mediu. */
export interface Medida {
  promessa: string;
  limite: string;
  medido: string;
  cumprida: boolean;
  /** Vale em qualquer computador, por carregado que esteja: o que os testes exigem. */
  essencial: boolean;
}

/** O que um ensaio precisa de um banco migrado. */
export type Banco = Pick<TestStack, "db" | "sql" | "url" | "serviceKey">;

/** Um ensaio: o seu banco vazio, o seu relógio, os seus processos. */
export interface Cena {
  readonly relogio: Clock;
  readonly banco: Banco;
  readonly agenda: readonly Agenda[];
  /** Um scheduler por `entrypoint.sh`; pronto quando se apresentou. */
  scheduler(opcoes?: { url?: string; apiUrl?: string }): Promise<Processo>;
  /**
   * A API dos ensaios; a mesma porta a cada vez. `duracoes`: ms do relógio do teste. `ateOFim`: os corpos não param quando quem
   * chamou vai embora, como um job de produção que não olha o seu sinal.
   */
  api(duracoes?: Record<string, number>, ateOFim?: boolean): Promise<Processo>;
  readonly enderecoDaApi: string;
  /** Espera `ms` do relógio do teste. */
  passar(ms: number): Promise<void>;
  /** Espera o segundo `s` de um minuto do relógio do teste. */
  ateSegundo(s: number): Promise<void>;
  /** Pergunta até ser verdade; ms reais que levou. Lança depois do prazo, ms reais. */
  quando(oque: string, verdade: () => Promise<boolean>, prazoMs?: number): Promise<number>;
  /** Quantas vezes o corpo de cada job começou, por chave, em todas as APIs da cena. */
  corridas(): Map<string, number>;
  /** As medidas que toda cena deve: cada horário registrado uma vez, cada chave executada uma vez. */
  contas(): Promise<Medida[]>;
  fechar(): Promise<void>;
}

const RAIZ = join(import.meta.dirname, "../..");
const TABELAS = "job_executions, job_slots_pulados, scheduler_jobs, scheduler_instances, job_requests, job_locks";
/** Um horário só é cobrado 2 min depois: passados o seu minuto, e um tique que o registre. */
const FOLGA_MS = 120_000;
const PRAZO_MS = 90_000;
const EXPLICAR_MS = 30_000;

export async function abrirCena(opcoes: {
  banco: Banco;
  /** Segundos do relógio do teste por segundo. */
  escala: number;
  agenda: readonly Agenda[];
  /** O instante do teste em que a cena começa. */
  inicio: Date;
}): Promise<Cena> {
  const { banco, escala, agenda, inicio } = opcoes;
  await banco.sql(`truncate ${TABELAS}`);
  const real = systemClock.now();
  const { clock, timers } = createScaledTime({ realMs: real.getTime(), virtualMs: inicio.getTime(), scale: escala });
  const relogio = `${real.toISOString()}=${inicio.toISOString()}*${escala}`;
  const pasta = mkdtempSync(join(tmpdir(), "julia-caos-"));
  const supabase = { SUPABASE_URL: banco.url, SUPABASE_SERVICE_KEY: banco.serviceKey };
  const processos: Processo[] = [];
  const apis: Processo[] = [];
  let porta = 0;
  const enderecoDaApi = () => `http://127.0.0.1:${porta}`;

  const cena: Cena = {
    relogio: clock,
    banco,
    agenda,
    async scheduler({ url = banco.url, apiUrl = enderecoDaApi() } = {}) {
      const env = {
        ...supabase,
        RUN_MODE: "scheduler",
        APP_ENV: "test",
        SUPABASE_URL: url,
        JULIA_API_URL: apiUrl,
        SCHEDULER_TEST_CLOCK: relogio,
        SCHEDULER_TEST_ENTRIES: JSON.stringify(agenda),
        SCHEDULER_LIVENESS_FILE: join(pasta, `vivo-${processos.length}`),
      };
      const processo = await iniciar(join(RAIZ, "entrypoint.sh"), [], env, RAIZ);
      processos.push(processo);
      await processo.ate(/Scheduler iniciado/);
      return processo;
    },
    async api(duracoes = {}, ateOFim = false) {
      const env = {
        ...supabase,
        PORT: String(porta),
        CAOS_RELOGIO: relogio,
        CAOS_DURACOES: JSON.stringify(duracoes),
        CAOS_ATE_O_FIM: `${ateOFim}`,
      };
      const api = await iniciar(process.execPath, [join(RAIZ, "scripts/caos/api.ts")], env, RAIZ);
      processos.push(api);
      apis.push(api);
      porta = Number((await api.ate(/^ESCUTANDO \d+/)).split(" ")[1]);
      return api;
    },
    get enderecoDaApi() {
      return enderecoDaApi();
    },
    passar: async (ms) => void (await pause(timers, ms)),
    ateSegundo: (s) => cena.passar((((s * 1000 - (clock.now().getTime() % 60_000)) % 60_000) + 60_000) % 60_000),
    async quando(oque, verdade, prazoMs = PRAZO_MS) {
      const desdeMs = systemClock.monotonicMs();
      for (;;) {
        const agoraMs = systemClock.monotonicMs();
        if (await verdade().catch(() => false)) return agoraMs - desdeMs;
        if (agoraMs - desdeMs > prazoMs) throw new Error(`não aconteceu em ${prazoMs / 1000} s: ${oque}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    corridas() {
      const vezes = new Map<string, number>();
      for (const linha of apis.flatMap((a) => a.linhas)) {
        const [palavra, chave = ""] = linha.split(" ");
        if (palavra === "CORRIDA") vezes.set(chave, (vezes.get(chave) ?? 0) + 1);
      }
      return vezes;
    },
    async contas() {
      const ate = new Date(clock.now().getTime() - FOLGA_MS);
      const entries = agenda.map((a) => ({ name: a.name, cron: a.cron, graceS: a.graceS }));
      const auditar = () =>
        auditSlots({ db: banco.db, entries, span: { from: inicio, until: ate }, agora: clock.now() });
      // Também o que ainda poderia ser recuperado (`pendente`), ou de que o silêncio daria conta (`agendador_parado`), falta.
      const faltam = ({ findings }: AuditReport) =>
        findings.filter((f) => ["inexplicado", "pendente"].includes(f.label) || f.motivo === "agendador_parado");
      let auditoria = await auditar();
      // Um computador carregado registra mais tarde; o que não vier em meio minuto de verdade não vem.
      await cena
        .quando(
          "todos os horários registrados",
          async () => {
            auditoria = await auditar();
            return faltam(auditoria).length === 0;
          },
          EXPLICAR_MS,
        )
        .catch(() => 0);
      const { expected, findings } = auditoria;
      const corridas = [...cena.corridas()];
      const nenhum = (promessa: string, achados: readonly string[], de: number): Medida => ({
        promessa,
        limite: "0",
        medido: `${achados.length} de ${de}${achados
          .slice(0, 3)
          .map((a) => ` ${a}`)
          .join(",")}`,
        cumprida: achados.length === 0 && de > 0,
        essencial: true,
      });
      const rotulos = (achados: readonly SlotVerdict[]) =>
        achados.map((f) => `${f.job} ${f.slot.toISOString()} ${f.motivo ?? f.label}`);
      const errados = findings.filter((f) => f.label === "duplicado" || f.label === "fora_da_agenda");
      const duasVezes = corridas.filter(([, n]) => n > 1).map(([chave]) => chave);
      return [
        nenhum("horários sem registro (até 2 min do teste antes do fim)", rotulos(faltam(auditoria)), expected),
        nenhum("horários executados e pulados, ou fora da agenda", rotulos(errados), expected),
        nenhum("chaves cujo job começou duas vezes na API", duasVezes, corridas.length),
      ];
    },
    async fechar() {
      await Promise.all(processos.map((p) => p.matar()));
      rmSync(pasta, { recursive: true, force: true });
    },
  };
  return cena;
}

/** Uma medida com limite de tempo. */
export function noPrazo(promessa: string, medidoMs: number, limiteMs: number, unidade = "s"): Medida {
  const texto = (ms: number) => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} ${unidade}`;
  return {
    promessa,
    limite: `≤ ${texto(limiteMs)}`,
    medido: texto(medidoMs),
    cumprida: medidoMs <= limiteMs,
    essencial: false,
  };
}

/** Uma medida que é verdade ou não. */
export function verdade(promessa: string, cumprida: boolean, medido: string, essencial = true): Medida {
  return { promessa, limite: "sim", medido, cumprida, essencial };
}
