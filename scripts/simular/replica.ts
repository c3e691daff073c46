import type { Db } from "#core/db";
import { createLedger, type Timers, type VirtualTime } from "#core/executions";
import { createLogger } from "#core/runtime";
import { createScheduler, type ScheduleEntry } from "#core/scheduler";

/** Um trecho do tempo (monotônico, ms) em que a réplica estava em condições de executar o que vencesse. */
export interface Trecho {
  deMs: number;
  ateMs: number;
}

/** O verdadeiro scheduler num processo de mentira: morre, congela e erra a hora, sem que o código saiba. */
export interface Replica {
  readonly id: string;
  readonly viva: boolean;
  readonly saudavel: readonly Trecho[];
  /** kill -9: nada mais dispara, nenhuma resposta chega. */
  matar(): void;
  /** SIGTERM. */
  parar(): Promise<void>;
  /** SIGSTOP por `ms`: o tempo passa, e depois tudo o que venceu vem de uma vez. */
  congelar(ms: number): void;
  /** O relógio desta réplica anda errado por `ms`. */
  desviar(ms: number): void;
  /** O banco deixou de responder a todos, ou voltou. */
  banco(fora: boolean): void;
}

export interface OpcoesReplica {
  id: string;
  tempo: VirtualTime;
  entradas: readonly ScheduleEntry[];
  db(porta: Porta): Db;
  api(porta: Porta): typeof fetch;
  stepMs: number;
}

/** Por onde respostas entram na réplica. */
export interface Porta {
  /** `entregar` agora, no degelo, ou nunca. */
  quandoViva(entregar: () => void): void;
}

/** Depois de cada mudança, quanto leva até voltar a despachar com certeza (um sinal de vida compara os relógios). */
const VOLTA_MS = 45_000;
/** Reserva e sinal de vida são o dobro dos de produção, pela demora do banco (JUNTAR_MS). */
export const RESERVA_MS = 60_000;
const SINAL_MS = 20_000;
/** Quem começou sem banco tenta de novo a cada 5 s, e uma tentativa muda leva 10. */
const VOLTA_DO_BANCO_MS = 45_000;
/** O que o scheduler tolera de diferença entre o seu relógio e o do banco. */
const DESVIO_TOLERADO_MS = 30_000;

export function criarReplica(opcoes: OpcoesReplica): Replica {
  const { id, tempo, entradas, stepMs } = opcoes;
  const mono = () => tempo.clock.monotonicMs();
  let viva = true;
  let parando = false;
  let bancoFora = false;
  let desvioMs = 0;
  let congeladaAteMs = Number.NEGATIVE_INFINITY;
  const saudavel: Trecho[] = [];
  let aberto: Trecho | null = null;

  /** Fecha o trecho são e, se nada impede, abre outro dentro de `voltaMs`. */
  function mudou(voltaMs: number): void {
    if (aberto) aberto.ateMs = Math.min(aberto.ateMs, mono());
    aberto = null;
    const doente = !viva || parando || bancoFora || Math.abs(desvioMs) >= DESVIO_TOLERADO_MS;
    if (doente) return;
    aberto = { deMs: Math.max(mono(), congeladaAteMs) + voltaMs, ateMs: Number.POSITIVE_INFINITY };
    saudavel.push(aberto);
  }

  const porta: Porta = {
    quandoViva(entregar) {
      if (!viva) return;
      const faltaMs = congeladaAteMs - mono();
      if (faltaMs <= 0) entregar();
      else tempo.timers.after(faltaMs, () => porta.quandoViva(entregar));
    },
  };
  const timers: Timers = {
    after(ms, run) {
      let cancelado = false;
      const cancelar = tempo.timers.after(ms, () => porta.quandoViva(() => (cancelado ? undefined : run())));
      return () => {
        cancelado = true;
        cancelar();
      };
    },
    soon: (run) => tempo.timers.soon(() => porta.quandoViva(run)),
  };
  const clock = {
    // Slots are whole minutes: what is due is asked of the wall clock of this replica.
    now: () => new Date(tempo.clock.now().getTime() + desvioMs),
    monotonicMs: mono,
  };
  const log = createLogger({ level: "silent" });
  const scheduler = createScheduler({
    entries: entradas,
    ledger: createLedger({
      db: opcoes.db(porta),
      instanceId: id,
      log,
      timers,
      clock: tempo.clock,
      leaseMs: RESERVA_MS,
    }),
    clock,
    timers,
    log,
    call: { apiUrl: "http://api.simulada:8000", token: undefined, send: opcoes.api(porta) },
    graceMs: 25_000,
    retentionDays: 90,
    stepMs,
    leaseMs: RESERVA_MS,
    beatEveryMs: SINAL_MS,
  });
  void scheduler.run();
  mudou(VOLTA_MS);

  return {
    id,
    saudavel,
    get viva() {
      return viva;
    },
    matar() {
      viva = false;
      mudou(0);
    },
    async parar() {
      parando = true;
      mudou(0);
      await scheduler.stop();
      viva = false;
    },
    congelar(ms) {
      congeladaAteMs = Math.max(congeladaAteMs, mono() + ms);
      mudou(VOLTA_MS);
    },
    desviar(ms) {
      desvioMs = ms;
      mudou(VOLTA_MS);
    },
    banco(fora) {
      bancoFora = fora;
      mudou(VOLTA_DO_BANCO_MS);
    },
  };
}
