export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      alertas_enviados: {
        Row: {
          alvo: string | null;
          chave: string;
          conteudo: NonNullable<Json>;
          detectado_em: string;
          erro_envio: string | null;
          estado: string;
          grupo: string;
          id: string;
          limiar: number | null;
          mensagem: string;
          notificacoes: number;
          notificado: boolean;
          notificado_em: string | null;
          resolvido_em: string | null;
          severidade: string;
          severidade_notificada: string | null;
          suprimido_por: string | null;
          tentativa_ate: string | null;
          tentativas: number;
          tipo: string;
          titulo: string;
          ultima_deteccao_em: string;
          ultima_tentativa_em: string | null;
          valor: number | null;
          versao: number;
        };
        ComputedFields: never;
        Insert: {
          alvo?: string | null;
          chave: string;
          conteudo?: NonNullable<Json>;
          detectado_em: string;
          erro_envio?: string | null;
          estado?: string;
          grupo: string;
          id?: string;
          limiar?: number | null;
          mensagem: string;
          notificacoes?: number;
          notificado?: boolean;
          notificado_em?: string | null;
          resolvido_em?: string | null;
          severidade: string;
          severidade_notificada?: string | null;
          suprimido_por?: string | null;
          tentativa_ate?: string | null;
          tentativas?: number;
          tipo: string;
          titulo: string;
          ultima_deteccao_em: string;
          ultima_tentativa_em?: string | null;
          valor?: number | null;
          versao?: number;
        };
        Update: {
          alvo?: string | null;
          chave?: string;
          conteudo?: NonNullable<Json>;
          detectado_em?: string;
          erro_envio?: string | null;
          estado?: string;
          grupo?: string;
          id?: string;
          limiar?: number | null;
          mensagem?: string;
          notificacoes?: number;
          notificado?: boolean;
          notificado_em?: string | null;
          resolvido_em?: string | null;
          severidade?: string;
          severidade_notificada?: string | null;
          suprimido_por?: string | null;
          tentativa_ate?: string | null;
          tentativas?: number;
          tipo?: string;
          titulo?: string;
          ultima_deteccao_em?: string;
          ultima_tentativa_em?: string | null;
          valor?: number | null;
          versao?: number;
        };
        Relationships: [];
      };
      app_settings: {
        Row: {
          key: string;
          updated_at: string;
          value: string;
        };
        ComputedFields: never;
        Insert: {
          key: string;
          updated_at?: string;
          value: string;
        };
        Update: {
          key?: string;
          updated_at?: string;
          value?: string;
        };
        Relationships: [];
      };
      appointment_imports: {
        Row: {
          arquivo_nome: string;
          arquivo_sha256: string;
          created_at: string;
          duracao_ms: number;
          id: string;
          imported: number;
          jobs_enqueued: number;
          rejected: number;
          skipped: number;
          total: number;
        };
        ComputedFields: never;
        Insert: {
          arquivo_nome: string;
          arquivo_sha256: string;
          created_at: string;
          duracao_ms: number;
          id?: string;
          imported: number;
          jobs_enqueued: number;
          rejected: number;
          skipped: number;
          total: number;
        };
        Update: {
          arquivo_nome?: string;
          arquivo_sha256?: string;
          created_at?: string;
          duracao_ms?: number;
          id?: string;
          imported?: number;
          jobs_enqueued?: number;
          rejected?: number;
          skipped?: number;
          total?: number;
        };
        Relationships: [];
      };
      appointments: {
        Row: {
          cpf: string | null;
          created_at: string;
          data: string | null;
          documento_completo: string | null;
          documento_hash: string | null;
          documento_normalizado: Json | null;
          documento_normalizado_hash: string | null;
          endereco_completo: string | null;
          endereco_hash: string | null;
          endereco_normalizado: Json | null;
          endereco_normalizado_hash: string | null;
          hora: string | null;
          id: string;
          import_id: string | null;
          linha: number | null;
          nome: string;
          normalization_error: string | null;
          normalization_job_id: string | null;
          normalization_status: string;
          rg: string | null;
          telefone: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          cpf?: string | null;
          created_at?: string;
          data?: string | null;
          documento_completo?: string | null;
          documento_hash?: never;
          documento_normalizado?: Json | null;
          documento_normalizado_hash?: string | null;
          endereco_completo?: string | null;
          endereco_hash?: never;
          endereco_normalizado?: Json | null;
          endereco_normalizado_hash?: string | null;
          hora?: string | null;
          id?: string;
          import_id?: string | null;
          linha?: number | null;
          nome: string;
          normalization_error?: string | null;
          normalization_job_id?: string | null;
          normalization_status?: string;
          rg?: string | null;
          telefone?: string | null;
          updated_at?: string;
        };
        Update: {
          cpf?: string | null;
          created_at?: string;
          data?: string | null;
          documento_completo?: string | null;
          documento_hash?: never;
          documento_normalizado?: Json | null;
          documento_normalizado_hash?: string | null;
          endereco_completo?: string | null;
          endereco_hash?: never;
          endereco_normalizado?: Json | null;
          endereco_normalizado_hash?: string | null;
          hora?: string | null;
          id?: string;
          import_id?: string | null;
          linha?: number | null;
          nome?: string;
          normalization_error?: string | null;
          normalization_job_id?: string | null;
          normalization_status?: string;
          rg?: string | null;
          telefone?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "appointments_import_fkey";
            columns: ["import_id"];
            isOneToOne: false;
            referencedRelation: "appointment_imports";
            referencedColumns: ["id"];
          },
        ];
      };
      auditoria_operacional: {
        Row: {
          acao: string;
          alvo: string;
          antes: Json | null;
          autor: string;
          depois: Json | null;
          em: string;
          id: number;
          motivo: string | null;
        };
        ComputedFields: never;
        Insert: {
          acao: string;
          alvo: string;
          antes?: Json | null;
          autor: string;
          depois?: Json | null;
          em?: string;
          id?: never;
          motivo?: string | null;
        };
        Update: {
          acao?: string;
          alvo?: string;
          antes?: Json | null;
          autor?: string;
          depois?: Json | null;
          em?: string;
          id?: never;
          motivo?: string | null;
        };
        Relationships: [];
      };
      background_job_logs: {
        Row: {
          job_id: string;
          level: string;
          message: string;
          prefix: string;
          ts: string;
        };
        ComputedFields: never;
        Insert: {
          job_id: string;
          level: string;
          message: string;
          prefix: string;
          ts: string;
        };
        Update: {
          job_id?: string;
          level?: string;
          message?: string;
          prefix?: string;
          ts?: string;
        };
        Relationships: [];
      };
      background_job_totals: {
        Row: {
          complete: number;
          failed: number;
          hora: string;
          queue: string;
        };
        ComputedFields: never;
        Insert: {
          complete?: number;
          failed?: number;
          hora: string;
          queue: string;
        };
        Update: {
          complete?: number;
          failed?: number;
          hora?: string;
          queue?: string;
        };
        Relationships: [];
      };
      background_jobs: {
        Row: {
          args: NonNullable<Json>;
          available_at: string;
          dedupe_key: string | null;
          enqueue_time: string;
          error: string | null;
          expires_at: string | null;
          finish_time: string | null;
          function: string;
          job_id: string;
          keep_failed_s: number;
          keep_result_s: number;
          lease_token: string | null;
          locked_by: string | null;
          locked_until: string | null;
          max_tries: number;
          queue: string;
          result: Json | null;
          start_time: string | null;
          status: string;
          timeout_s: number;
          tries: number;
        };
        ComputedFields: never;
        Insert: {
          args?: NonNullable<Json>;
          available_at: string;
          dedupe_key?: string | null;
          enqueue_time: string;
          error?: string | null;
          expires_at?: string | null;
          finish_time?: string | null;
          function: string;
          job_id?: string;
          keep_failed_s: number;
          keep_result_s: number;
          lease_token?: string | null;
          locked_by?: string | null;
          locked_until?: string | null;
          max_tries: number;
          queue: string;
          result?: Json | null;
          start_time?: string | null;
          status?: string;
          timeout_s: number;
          tries?: number;
        };
        Update: {
          args?: NonNullable<Json>;
          available_at?: string;
          dedupe_key?: string | null;
          enqueue_time?: string;
          error?: string | null;
          expires_at?: string | null;
          finish_time?: string | null;
          function?: string;
          job_id?: string;
          keep_failed_s?: number;
          keep_result_s?: number;
          lease_token?: string | null;
          locked_by?: string | null;
          locked_until?: string | null;
          max_tries?: number;
          queue?: string;
          result?: Json | null;
          start_time?: string | null;
          status?: string;
          timeout_s?: number;
          tries?: number;
        };
        Relationships: [];
      };
      background_workers: {
        Row: {
          cpu_pct: number | null;
          last_drain_at: string | null;
          queues: string[];
          rss_mb: number | null;
          running: number;
          seen_at: string;
          worker: string;
        };
        ComputedFields: never;
        Insert: {
          cpu_pct?: number | null;
          last_drain_at?: string | null;
          queues?: string[];
          rss_mb?: number | null;
          running?: number;
          seen_at: string;
          worker: string;
        };
        Update: {
          cpu_pct?: number | null;
          last_drain_at?: string | null;
          queues?: string[];
          rss_mb?: number | null;
          running?: number;
          seen_at?: string;
          worker?: string;
        };
        Relationships: [];
      };
      cache_llm_grupos: {
        Row: {
          chave: string;
          created_at: string;
          expira_em: string;
          resposta: NonNullable<Json>;
          tipo: string;
        };
        ComputedFields: never;
        Insert: {
          chave: string;
          created_at?: string;
          expira_em: string;
          resposta: NonNullable<Json>;
          tipo: string;
        };
        Update: {
          chave?: string;
          created_at?: string;
          expira_em?: string;
          resposta?: NonNullable<Json>;
          tipo?: string;
        };
        Relationships: [];
      };
      circuit_transitions: {
        Row: {
          circuit_name: string;
          created_at: string;
          falhas_consecutivas: number;
          from_state: string;
          id: string;
          reason: string;
          tentativas_half_open: number;
          to_state: string;
        };
        ComputedFields: never;
        Insert: {
          circuit_name: string;
          created_at?: string;
          falhas_consecutivas?: number;
          from_state: string;
          id?: string;
          reason: string;
          tentativas_half_open?: number;
          to_state: string;
        };
        Update: {
          circuit_name?: string;
          created_at?: string;
          falhas_consecutivas?: number;
          from_state?: string;
          id?: string;
          reason?: string;
          tentativas_half_open?: number;
          to_state?: string;
        };
        Relationships: [];
      };
      clientes: {
        Row: {
          created_at: string;
          id: string;
          primeiro_nome: string | null;
          sobrenome: string | null;
          telefone: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          id?: string;
          primeiro_nome?: string | null;
          sobrenome?: string | null;
          telefone: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          id?: string;
          primeiro_nome?: string | null;
          sobrenome?: string | null;
          telefone?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      cnes_estabelecimentos: {
        Row: {
          ativo: boolean;
          bairro: string | null;
          cep: string | null;
          cidade: string;
          cnes_codigo: string;
          latitude: number | null;
          logradouro: string | null;
          longitude: number | null;
          nome_busca: string;
          nome_fantasia: string | null;
          numero: string | null;
          razao_social: string;
          telefone: string | null;
          tipo_unidade: string | null;
          uf: string;
        };
        ComputedFields: never;
        Insert: {
          ativo?: boolean;
          bairro?: string | null;
          cep?: string | null;
          cidade: string;
          cnes_codigo: string;
          latitude?: number | null;
          logradouro?: string | null;
          longitude?: number | null;
          nome_busca?: never;
          nome_fantasia?: string | null;
          numero?: string | null;
          razao_social: string;
          telefone?: string | null;
          tipo_unidade?: string | null;
          uf: string;
        };
        Update: {
          ativo?: boolean;
          bairro?: string | null;
          cep?: string | null;
          cidade?: string;
          cnes_codigo?: string;
          latitude?: number | null;
          logradouro?: string | null;
          longitude?: number | null;
          nome_busca?: never;
          nome_fantasia?: string | null;
          numero?: string | null;
          razao_social?: string;
          telefone?: string | null;
          tipo_unidade?: string | null;
          uf?: string;
        };
        Relationships: [];
      };
      contatos_grupo: {
        Row: {
          cliente_id: string | null;
          created_at: string;
          empresa: string | null;
          id: string;
          jid: string;
          nome: string | null;
          primeiro_contato: string | null;
          taxa_qualidade: number | null;
          telefone: string | null;
          tipo: string;
          total_mensagens: number;
          total_vagas_postadas: number;
          total_vagas_validas: number;
          ultimo_contato: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          cliente_id?: string | null;
          created_at?: string;
          empresa?: string | null;
          id?: string;
          jid: string;
          nome?: string | null;
          primeiro_contato?: string | null;
          taxa_qualidade?: number | null;
          telefone?: string | null;
          tipo?: string;
          total_mensagens?: number;
          total_vagas_postadas?: number;
          total_vagas_validas?: number;
          ultimo_contato?: string | null;
          updated_at?: string;
        };
        Update: {
          cliente_id?: string | null;
          created_at?: string;
          empresa?: string | null;
          id?: string;
          jid?: string;
          nome?: string | null;
          primeiro_contato?: string | null;
          taxa_qualidade?: number | null;
          telefone?: string | null;
          tipo?: string;
          total_mensagens?: number;
          total_vagas_postadas?: number;
          total_vagas_validas?: number;
          ultimo_contato?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "fk_contatos_grupo_cliente";
            columns: ["cliente_id"];
            isOneToOne: false;
            referencedRelation: "clientes";
            referencedColumns: ["id"];
          },
        ];
      };
      especialidades: {
        Row: {
          created_at: string;
          id: string;
          nome: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          id?: string;
          nome: string;
        };
        Update: {
          created_at?: string;
          id?: string;
          nome?: string;
        };
        Relationships: [];
      };
      especialidades_alias: {
        Row: {
          alias: string;
          alias_normalizado: string;
          confianca: number;
          confirmado: boolean;
          created_at: string;
          criado_por: string | null;
          especialidade_id: string;
          id: string;
          origem: string;
          ultimo_uso: string | null;
          vezes_usado: number;
        };
        ComputedFields: never;
        Insert: {
          alias: string;
          alias_normalizado: string;
          confianca?: number;
          confirmado?: boolean;
          created_at?: string;
          criado_por?: string | null;
          especialidade_id: string;
          id?: string;
          origem?: string;
          ultimo_uso?: string | null;
          vezes_usado?: number;
        };
        Update: {
          alias?: string;
          alias_normalizado?: string;
          confianca?: number;
          confirmado?: boolean;
          created_at?: string;
          criado_por?: string | null;
          especialidade_id?: string;
          id?: string;
          origem?: string;
          ultimo_uso?: string | null;
          vezes_usado?: number;
        };
        Relationships: [
          {
            foreignKeyName: "fk_especialidades_alias_especialidade";
            columns: ["especialidade_id"];
            isOneToOne: false;
            referencedRelation: "especialidades";
            referencedColumns: ["id"];
          },
        ];
      };
      event_deliveries: {
        Row: {
          attempts: number;
          available_at: string;
          blocked: boolean;
          bytes: number;
          created_at: string;
          finished_at: string | null;
          group_id: string;
          id: number;
          key: string | null;
          last_error: string | null;
          lease_token: string | null;
          locked_by: string | null;
          locked_until: string | null;
          message_id: number;
          started_at: string | null;
          status: string;
          topic: string;
        };
        ComputedFields: never;
        Insert: {
          attempts?: number;
          available_at: string;
          blocked?: boolean;
          bytes?: number;
          created_at: string;
          finished_at?: string | null;
          group_id: string;
          id?: number;
          key?: string | null;
          last_error?: string | null;
          lease_token?: string | null;
          locked_by?: string | null;
          locked_until?: string | null;
          message_id: number;
          started_at?: string | null;
          status?: string;
          topic: string;
        };
        Update: {
          attempts?: number;
          available_at?: string;
          blocked?: boolean;
          bytes?: number;
          created_at?: string;
          finished_at?: string | null;
          group_id?: string;
          id?: number;
          key?: string | null;
          last_error?: string | null;
          lease_token?: string | null;
          locked_by?: string | null;
          locked_until?: string | null;
          message_id?: number;
          started_at?: string | null;
          status?: string;
          topic?: string;
        };
        Relationships: [];
      };
      event_groups: {
        Row: {
          backfill_after: number | null;
          backfill_until: number | null;
          created_at: string;
          group_id: string;
          pausado: boolean;
          pausar_depois: boolean;
          start_id: number;
          topic: string;
          worker: string;
        };
        ComputedFields: never;
        Insert: {
          backfill_after?: number | null;
          backfill_until?: number | null;
          created_at?: string;
          group_id: string;
          pausado?: boolean;
          pausar_depois?: boolean;
          start_id: number;
          topic: string;
          worker: string;
        };
        Update: {
          backfill_after?: number | null;
          backfill_until?: number | null;
          created_at?: string;
          group_id?: string;
          pausado?: boolean;
          pausar_depois?: boolean;
          start_id?: number;
          topic?: string;
          worker?: string;
        };
        Relationships: [];
      };
      event_messages: {
        Row: {
          causation_id: number | null;
          correlation_id: string;
          dedupe_key: string | null;
          headers: NonNullable<Json>;
          id: number;
          key: string | null;
          payload: NonNullable<Json>;
          published_at: string;
          published_by: string | null;
          topic: string;
        };
        ComputedFields: never;
        Insert: {
          causation_id?: number | null;
          correlation_id?: string;
          dedupe_key?: string | null;
          headers?: NonNullable<Json>;
          id?: number;
          key?: string | null;
          payload: NonNullable<Json>;
          published_at?: string;
          published_by?: string | null;
          topic: string;
        };
        Update: {
          causation_id?: number | null;
          correlation_id?: string;
          dedupe_key?: string | null;
          headers?: NonNullable<Json>;
          id?: number;
          key?: string | null;
          payload?: NonNullable<Json>;
          published_at?: string;
          published_by?: string | null;
          topic?: string;
        };
        Relationships: [];
      };
      event_outcomes: {
        Row: {
          em: string;
          falhas: number;
          group_id: string;
          ok: number;
          topic: string;
        };
        ComputedFields: never;
        Insert: {
          em: string;
          falhas: number;
          group_id: string;
          ok: number;
          topic: string;
        };
        Update: {
          em?: string;
          falhas?: number;
          group_id?: string;
          ok?: number;
          topic?: string;
        };
        Relationships: [];
      };
      fila_processamento_grupos: {
        Row: {
          created_at: string;
          estagio: string;
          estagio_desde: string;
          finalizado_em: string | null;
          id: string;
          lease_ate: string | null;
          lease_por: string | null;
          lease_token: string | null;
          leases_expirados: number;
          max_tentativas: number;
          mensagem_id: string;
          motivo: string | null;
          proximo_retry: string | null;
          reprocessos: number;
          tentativas: number;
          ultimo_erro: string | null;
          ultimo_estagio: string | null;
          updated_at: string;
          vaga_grupo_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          estagio?: string;
          estagio_desde?: string;
          finalizado_em?: string | null;
          id?: string;
          lease_ate?: string | null;
          lease_por?: string | null;
          lease_token?: string | null;
          leases_expirados?: number;
          max_tentativas?: number;
          mensagem_id: string;
          motivo?: string | null;
          proximo_retry?: string | null;
          reprocessos?: number;
          tentativas?: number;
          ultimo_erro?: string | null;
          ultimo_estagio?: string | null;
          updated_at?: string;
          vaga_grupo_id?: string | null;
        };
        Update: {
          created_at?: string;
          estagio?: string;
          estagio_desde?: string;
          finalizado_em?: string | null;
          id?: string;
          lease_ate?: string | null;
          lease_por?: string | null;
          lease_token?: string | null;
          leases_expirados?: number;
          max_tentativas?: number;
          mensagem_id?: string;
          motivo?: string | null;
          proximo_retry?: string | null;
          reprocessos?: number;
          tentativas?: number;
          ultimo_erro?: string | null;
          ultimo_estagio?: string | null;
          updated_at?: string;
          vaga_grupo_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "fk_fila_grupos_mensagem";
            columns: ["mensagem_id"];
            isOneToOne: false;
            referencedRelation: "mensagens_grupo";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_fila_grupos_vaga";
            columns: ["vaga_grupo_id"];
            isOneToOne: false;
            referencedRelation: "vagas_grupo";
            referencedColumns: ["id"];
          },
        ];
      };
      formas_recebimento: {
        Row: {
          forma_recebimento: string;
          id: string;
        };
        ComputedFields: never;
        Insert: {
          forma_recebimento: string;
          id?: string;
        };
        Update: {
          forma_recebimento?: string;
          id?: string;
        };
        Relationships: [];
      };
      grupos_pipeline_estado: {
        Row: {
          ciclo_iniciado_em: string | null;
          ciclo_por: string | null;
          id: number;
          ultimo_ciclo: Json | null;
          ultimo_ciclo_em: string | null;
        };
        ComputedFields: never;
        Insert: {
          ciclo_iniciado_em?: string | null;
          ciclo_por?: string | null;
          id?: number;
          ultimo_ciclo?: Json | null;
          ultimo_ciclo_em?: string | null;
        };
        Update: {
          ciclo_iniciado_em?: string | null;
          ciclo_por?: string | null;
          id?: number;
          ultimo_ciclo?: Json | null;
          ultimo_ciclo_em?: string | null;
        };
        Relationships: [];
      };
      grupos_whatsapp: {
        Row: {
          ativo: boolean;
          created_at: string;
          descricao: string | null;
          hospital_id: string | null;
          id: string;
          jid: string;
          monitorar_ofertas: boolean;
          nome: string | null;
          primeira_mensagem_em: string | null;
          regiao: string | null;
          tipo: string;
          total_mensagens: number;
          total_ofertas_detectadas: number;
          total_vagas_importadas: number;
          ultima_mensagem_em: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          ativo?: boolean;
          created_at?: string;
          descricao?: string | null;
          hospital_id?: string | null;
          id?: string;
          jid: string;
          monitorar_ofertas?: boolean;
          nome?: string | null;
          primeira_mensagem_em?: string | null;
          regiao?: string | null;
          tipo?: string;
          total_mensagens?: number;
          total_ofertas_detectadas?: number;
          total_vagas_importadas?: number;
          ultima_mensagem_em?: string | null;
          updated_at?: string;
        };
        Update: {
          ativo?: boolean;
          created_at?: string;
          descricao?: string | null;
          hospital_id?: string | null;
          id?: string;
          jid?: string;
          monitorar_ofertas?: boolean;
          nome?: string | null;
          primeira_mensagem_em?: string | null;
          regiao?: string | null;
          tipo?: string;
          total_mensagens?: number;
          total_ofertas_detectadas?: number;
          total_vagas_importadas?: number;
          ultima_mensagem_em?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "fk_grupos_whatsapp_hospital";
            columns: ["hospital_id"];
            isOneToOne: false;
            referencedRelation: "hospitais";
            referencedColumns: ["id"];
          },
        ];
      };
      hospitais: {
        Row: {
          bairro: string | null;
          cep: string | null;
          cidade: string;
          cnes_codigo: string | null;
          created_at: string;
          criado_automaticamente: boolean;
          enriched_at: string | null;
          enriched_by: string | null;
          estado: string;
          google_place_id: string | null;
          id: string;
          latitude: number | null;
          logradouro: string | null;
          longitude: number | null;
          nome: string;
          nome_busca: string;
          numero: string | null;
          precisa_revisao: boolean;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          bairro?: string | null;
          cep?: string | null;
          cidade?: string;
          cnes_codigo?: string | null;
          created_at?: string;
          criado_automaticamente?: boolean;
          enriched_at?: string | null;
          enriched_by?: string | null;
          estado?: string;
          google_place_id?: string | null;
          id?: string;
          latitude?: number | null;
          logradouro?: string | null;
          longitude?: number | null;
          nome: string;
          nome_busca?: never;
          numero?: string | null;
          precisa_revisao?: boolean;
          updated_at?: string;
        };
        Update: {
          bairro?: string | null;
          cep?: string | null;
          cidade?: string;
          cnes_codigo?: string | null;
          created_at?: string;
          criado_automaticamente?: boolean;
          enriched_at?: string | null;
          enriched_by?: string | null;
          estado?: string;
          google_place_id?: string | null;
          id?: string;
          latitude?: number | null;
          logradouro?: string | null;
          longitude?: number | null;
          nome?: string;
          nome_busca?: never;
          numero?: string | null;
          precisa_revisao?: boolean;
          updated_at?: string;
        };
        Relationships: [];
      };
      hospitais_alias: {
        Row: {
          alias: string;
          alias_normalizado: string;
          confianca: number;
          confirmado: boolean;
          created_at: string;
          criado_por: string | null;
          hospital_id: string;
          id: string;
          origem: string;
          ultimo_uso: string | null;
          vezes_usado: number;
        };
        ComputedFields: never;
        Insert: {
          alias: string;
          alias_normalizado: string;
          confianca?: number;
          confirmado?: boolean;
          created_at?: string;
          criado_por?: string | null;
          hospital_id: string;
          id?: string;
          origem?: string;
          ultimo_uso?: string | null;
          vezes_usado?: number;
        };
        Update: {
          alias?: string;
          alias_normalizado?: string;
          confianca?: number;
          confirmado?: boolean;
          created_at?: string;
          criado_por?: string | null;
          hospital_id?: string;
          id?: string;
          origem?: string;
          ultimo_uso?: string | null;
          vezes_usado?: number;
        };
        Relationships: [
          {
            foreignKeyName: "fk_hospitais_alias_hospital";
            columns: ["hospital_id"];
            isOneToOne: false;
            referencedRelation: "hospitais";
            referencedColumns: ["id"];
          },
        ];
      };
      hospitais_bloqueados: {
        Row: {
          bloqueado_por: string | null;
          created_at: string;
          hospital_id: string;
          id: string;
          motivo: string | null;
          status: string;
        };
        ComputedFields: never;
        Insert: {
          bloqueado_por?: string | null;
          created_at?: string;
          hospital_id: string;
          id?: string;
          motivo?: string | null;
          status?: string;
        };
        Update: {
          bloqueado_por?: string | null;
          created_at?: string;
          hospital_id?: string;
          id?: string;
          motivo?: string | null;
          status?: string;
        };
        Relationships: [
          {
            foreignKeyName: "fk_hospitais_bloqueados_hospital";
            columns: ["hospital_id"];
            isOneToOne: false;
            referencedRelation: "hospitais";
            referencedColumns: ["id"];
          },
        ];
      };
      job_executions: {
        Row: {
          created_at: string;
          duration_ms: number | null;
          error: string | null;
          finished_at: string | null;
          id: string;
          instance_id: string | null;
          items_processed: number | null;
          job_name: string;
          lease_expires_at: string | null;
          lease_token: string | null;
          response_code: number | null;
          scheduled_for: string | null;
          started_at: string;
          status: string;
          trigger: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          duration_ms?: number | null;
          error?: string | null;
          finished_at?: string | null;
          id?: string;
          instance_id?: string | null;
          items_processed?: number | null;
          job_name: string;
          lease_expires_at?: string | null;
          lease_token?: string | null;
          response_code?: number | null;
          scheduled_for?: string | null;
          started_at?: string;
          status?: string;
          trigger?: string;
        };
        Update: {
          created_at?: string;
          duration_ms?: number | null;
          error?: string | null;
          finished_at?: string | null;
          id?: string;
          instance_id?: string | null;
          items_processed?: number | null;
          job_name?: string;
          lease_expires_at?: string | null;
          lease_token?: string | null;
          response_code?: number | null;
          scheduled_for?: string | null;
          started_at?: string;
          status?: string;
          trigger?: string;
        };
        Relationships: [];
      };
      job_locks: {
        Row: {
          acquired_at: string;
          execution_id: string;
          expires_at: string;
          job_name: string;
          owner: string;
          progresso: Json | null;
          token: string;
        };
        ComputedFields: never;
        Insert: {
          acquired_at: string;
          execution_id: string;
          expires_at: string;
          job_name: string;
          owner: string;
          progresso?: Json | null;
          token: string;
        };
        Update: {
          acquired_at?: string;
          execution_id?: string;
          expires_at?: string;
          job_name?: string;
          owner?: string;
          progresso?: Json | null;
          token?: string;
        };
        Relationships: [];
      };
      job_pausas: {
        Row: {
          ate: string | null;
          autor: string;
          desde: string;
          encerrada_em: string | null;
          encerrada_por: string | null;
          id: string;
          job_name: string;
          motivo: string;
        };
        ComputedFields: never;
        Insert: {
          ate?: string | null;
          autor: string;
          desde: string;
          encerrada_em?: string | null;
          encerrada_por?: string | null;
          id?: string;
          job_name: string;
          motivo: string;
        };
        Update: {
          ate?: string | null;
          autor?: string;
          desde?: string;
          encerrada_em?: string | null;
          encerrada_por?: string | null;
          id?: string;
          job_name?: string;
          motivo?: string;
        };
        Relationships: [];
      };
      job_requests: {
        Row: {
          chave: string;
          criado_em: string;
          duracao_ms: number | null;
          erro: string | null;
          execucao_status: string | null;
          expira_em: string;
          http_status: number | null;
          itens: number | null;
          job_name: string;
          resposta: Json | null;
          status: string;
          token: string;
        };
        ComputedFields: never;
        Insert: {
          chave: string;
          criado_em: string;
          duracao_ms?: number | null;
          erro?: string | null;
          execucao_status?: string | null;
          expira_em: string;
          http_status?: number | null;
          itens?: number | null;
          job_name: string;
          resposta?: Json | null;
          status?: string;
          token: string;
        };
        Update: {
          chave?: string;
          criado_em?: string;
          duracao_ms?: number | null;
          erro?: string | null;
          execucao_status?: string | null;
          expira_em?: string;
          http_status?: number | null;
          itens?: number | null;
          job_name?: string;
          resposta?: Json | null;
          status?: string;
          token?: string;
        };
        Relationships: [];
      };
      job_slots_pulados: {
        Row: {
          detalhe: string | null;
          instance_id: string | null;
          job_name: string;
          motivo: string;
          registrado_em: string;
          scheduled_for: string;
        };
        ComputedFields: never;
        Insert: {
          detalhe?: string | null;
          instance_id?: string | null;
          job_name: string;
          motivo: string;
          registrado_em?: string;
          scheduled_for: string;
        };
        Update: {
          detalhe?: string | null;
          instance_id?: string | null;
          job_name?: string;
          motivo?: string;
          registrado_em?: string;
          scheduled_for?: string;
        };
        Relationships: [];
      };
      julia_status: {
        Row: {
          alterado_por: string | null;
          alterado_via: string;
          created_at: string;
          id: string;
          motivo: string | null;
          status: string;
        };
        ComputedFields: never;
        Insert: {
          alterado_por?: string | null;
          alterado_via?: string;
          created_at?: string;
          id?: string;
          motivo?: string | null;
          status: string;
        };
        Update: {
          alterado_por?: string | null;
          alterado_via?: string;
          created_at?: string;
          id?: string;
          motivo?: string | null;
          status?: string;
        };
        Relationships: [];
      };
      limites_envio: {
        Row: {
          chave: string;
          contador: number;
          escopo: string;
          expira_em: string;
          janela: string;
        };
        ComputedFields: never;
        Insert: {
          chave: string;
          contador: number;
          escopo: string;
          expira_em: string;
          janela: string;
        };
        Update: {
          chave?: string;
          contador?: number;
          escopo?: string;
          expira_em?: string;
          janela?: string;
        };
        Relationships: [];
      };
      mensagens_grupo: {
        Row: {
          classificador: string | null;
          confianca_classificacao: number | null;
          contato_id: string | null;
          created_at: string;
          eh_oferta: boolean | null;
          erro: string | null;
          extrator: string | null;
          grupo_id: string;
          id: string;
          instance_name: string | null;
          is_forwarded: boolean;
          is_reply: boolean;
          keywords_encontradas: string[] | null;
          message_id: string;
          motivo_descarte: string | null;
          passou_heuristica: boolean | null;
          processado_em: string | null;
          qtd_vagas_extraidas: number;
          reply_to_id: string | null;
          score_heuristica: number | null;
          sender_jid: string | null;
          sender_nome: string | null;
          status: string;
          tem_midia: boolean;
          texto: string | null;
          timestamp_msg: string;
          tipo_midia: string;
        };
        ComputedFields: never;
        Insert: {
          classificador?: string | null;
          confianca_classificacao?: number | null;
          contato_id?: string | null;
          created_at?: string;
          eh_oferta?: boolean | null;
          erro?: string | null;
          extrator?: string | null;
          grupo_id: string;
          id?: string;
          instance_name?: string | null;
          is_forwarded?: boolean;
          is_reply?: boolean;
          keywords_encontradas?: string[] | null;
          message_id: string;
          motivo_descarte?: string | null;
          passou_heuristica?: boolean | null;
          processado_em?: string | null;
          qtd_vagas_extraidas?: number;
          reply_to_id?: string | null;
          score_heuristica?: number | null;
          sender_jid?: string | null;
          sender_nome?: string | null;
          status?: string;
          tem_midia?: boolean;
          texto?: string | null;
          timestamp_msg: string;
          tipo_midia?: string;
        };
        Update: {
          classificador?: string | null;
          confianca_classificacao?: number | null;
          contato_id?: string | null;
          created_at?: string;
          eh_oferta?: boolean | null;
          erro?: string | null;
          extrator?: string | null;
          grupo_id?: string;
          id?: string;
          instance_name?: string | null;
          is_forwarded?: boolean;
          is_reply?: boolean;
          keywords_encontradas?: string[] | null;
          message_id?: string;
          motivo_descarte?: string | null;
          passou_heuristica?: boolean | null;
          processado_em?: string | null;
          qtd_vagas_extraidas?: number;
          reply_to_id?: string | null;
          score_heuristica?: number | null;
          sender_jid?: string | null;
          sender_nome?: string | null;
          status?: string;
          tem_midia?: boolean;
          texto?: string | null;
          timestamp_msg?: string;
          tipo_midia?: string;
        };
        Relationships: [
          {
            foreignKeyName: "fk_mensagens_grupo_contato";
            columns: ["contato_id"];
            isOneToOne: false;
            referencedRelation: "contatos_grupo";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_mensagens_grupo_grupo";
            columns: ["grupo_id"];
            isOneToOne: false;
            referencedRelation: "grupos_whatsapp";
            referencedColumns: ["id"];
          },
        ];
      };
      metricas_grupos_diarias: {
        Row: {
          confianca_media_extracao: number | null;
          confianca_media_match: number | null;
          created_at: string;
          custo_estimado_usd: number;
          data: string;
          grupo_id: string;
          mensagens_descartadas: number;
          mensagens_processadas: number;
          mensagens_total: number;
          tempo_medio_llm_ms: number | null;
          tempo_medio_processamento_ms: number | null;
          tokens_input: number;
          tokens_output: number;
          updated_at: string;
          vagas_descartadas: number;
          vagas_duplicadas: number;
          vagas_extraidas: number;
          vagas_importadas: number;
          vagas_revisao: number;
        };
        ComputedFields: never;
        Insert: {
          confianca_media_extracao?: number | null;
          confianca_media_match?: number | null;
          created_at?: string;
          custo_estimado_usd?: number;
          data: string;
          grupo_id: string;
          mensagens_descartadas?: number;
          mensagens_processadas?: number;
          mensagens_total?: number;
          tempo_medio_llm_ms?: number | null;
          tempo_medio_processamento_ms?: number | null;
          tokens_input?: number;
          tokens_output?: number;
          updated_at?: string;
          vagas_descartadas?: number;
          vagas_duplicadas?: number;
          vagas_extraidas?: number;
          vagas_importadas?: number;
          vagas_revisao?: number;
        };
        Update: {
          confianca_media_extracao?: number | null;
          confianca_media_match?: number | null;
          created_at?: string;
          custo_estimado_usd?: number;
          data?: string;
          grupo_id?: string;
          mensagens_descartadas?: number;
          mensagens_processadas?: number;
          mensagens_total?: number;
          tempo_medio_llm_ms?: number | null;
          tempo_medio_processamento_ms?: number | null;
          tokens_input?: number;
          tokens_output?: number;
          updated_at?: string;
          vagas_descartadas?: number;
          vagas_duplicadas?: number;
          vagas_extraidas?: number;
          vagas_importadas?: number;
          vagas_revisao?: number;
        };
        Relationships: [
          {
            foreignKeyName: "fk_metricas_grupos_grupo";
            columns: ["grupo_id"];
            isOneToOne: false;
            referencedRelation: "grupos_whatsapp";
            referencedColumns: ["id"];
          },
        ];
      };
      metricas_pipeline_diarias: {
        Row: {
          created_at: string;
          custo_total_usd: number;
          data: string;
          erros_por_estagio: NonNullable<Json>;
          erros_total: number;
          extracao_sucesso: number;
          grupos_ativos: number;
          heuristica_passou: number;
          llm_classificou: number;
          mensagens_processadas: number;
          mensagens_total: number;
          normalizacao_sucesso: number;
          p50_tempo_ms: number | null;
          p95_tempo_ms: number | null;
          p99_tempo_ms: number | null;
          updated_at: string;
          vagas_duplicadas: number;
          vagas_importadas: number;
          vagas_revisao: number;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          custo_total_usd?: number;
          data: string;
          erros_por_estagio?: NonNullable<Json>;
          erros_total?: number;
          extracao_sucesso?: number;
          grupos_ativos?: number;
          heuristica_passou?: number;
          llm_classificou?: number;
          mensagens_processadas?: number;
          mensagens_total?: number;
          normalizacao_sucesso?: number;
          p50_tempo_ms?: number | null;
          p95_tempo_ms?: number | null;
          p99_tempo_ms?: number | null;
          updated_at?: string;
          vagas_duplicadas?: number;
          vagas_importadas?: number;
          vagas_revisao?: number;
        };
        Update: {
          created_at?: string;
          custo_total_usd?: number;
          data?: string;
          erros_por_estagio?: NonNullable<Json>;
          erros_total?: number;
          extracao_sucesso?: number;
          grupos_ativos?: number;
          heuristica_passou?: number;
          llm_classificou?: number;
          mensagens_processadas?: number;
          mensagens_total?: number;
          normalizacao_sucesso?: number;
          p50_tempo_ms?: number | null;
          p95_tempo_ms?: number | null;
          p99_tempo_ms?: number | null;
          updated_at?: string;
          vagas_duplicadas?: number;
          vagas_importadas?: number;
          vagas_revisao?: number;
        };
        Relationships: [];
      };
      offers: {
        Row: {
          affiliate_link: string | null;
          affiliation_id: string | null;
          created_at: string;
          current_price_cents: number;
          discount_pct: number | null;
          enriched_at: string | null;
          enrichment_attempts: number;
          enrichment_blocks: number;
          enrichment_error: string | null;
          enrichment_job_id: string | null;
          enrichment_outcome: string | null;
          enrichment_status: string;
          id: string;
          old_cents: string | null;
          old_fraction: string | null;
          old_price_cents: number | null;
          product_id: string | null;
          title: string | null;
          updated_at: string;
          url: string;
        };
        ComputedFields: never;
        Insert: {
          affiliate_link?: string | null;
          affiliation_id?: string | null;
          created_at?: string;
          current_price_cents: number;
          discount_pct?: number | null;
          enriched_at?: string | null;
          enrichment_attempts?: number;
          enrichment_blocks?: number;
          enrichment_error?: string | null;
          enrichment_job_id?: string | null;
          enrichment_outcome?: string | null;
          enrichment_status?: string;
          id?: string;
          old_cents?: string | null;
          old_fraction?: string | null;
          old_price_cents?: number | null;
          product_id?: string | null;
          title?: string | null;
          updated_at?: string;
          url: string;
        };
        Update: {
          affiliate_link?: string | null;
          affiliation_id?: string | null;
          created_at?: string;
          current_price_cents?: number;
          discount_pct?: number | null;
          enriched_at?: string | null;
          enrichment_attempts?: number;
          enrichment_blocks?: number;
          enrichment_error?: string | null;
          enrichment_job_id?: string | null;
          enrichment_outcome?: string | null;
          enrichment_status?: string;
          id?: string;
          old_cents?: string | null;
          old_fraction?: string | null;
          old_price_cents?: number | null;
          product_id?: string | null;
          title?: string | null;
          updated_at?: string;
          url?: string;
        };
        Relationships: [];
      };
      periodos: {
        Row: {
          id: string;
          nome: string;
        };
        ComputedFields: never;
        Insert: {
          id?: string;
          nome: string;
        };
        Update: {
          id?: string;
          nome?: string;
        };
        Relationships: [];
      };
      queue_state: {
        Row: {
          alertado_em: string | null;
          bloqueios_seguidos: number;
          motivo: string | null;
          pausada_ate: string | null;
          queue: string;
        };
        ComputedFields: never;
        Insert: {
          alertado_em?: string | null;
          bloqueios_seguidos?: number;
          motivo?: string | null;
          pausada_ate?: string | null;
          queue: string;
        };
        Update: {
          alertado_em?: string | null;
          bloqueios_seguidos?: number;
          motivo?: string | null;
          pausada_ate?: string | null;
          queue?: string;
        };
        Relationships: [];
      };
      rate_limits: {
        Row: {
          host: string;
          next_allowed_at: string;
        };
        ComputedFields: never;
        Insert: {
          host: string;
          next_allowed_at: string;
        };
        Update: {
          host?: string;
          next_allowed_at?: string;
        };
        Relationships: [];
      };
      scheduler_instances: {
        Row: {
          instance_id: string;
          jobs: number;
          last_seen_at: string;
          last_tick_at: string | null;
          started_at: string;
          stopped_at: string | null;
        };
        ComputedFields: never;
        Insert: {
          instance_id: string;
          jobs: number;
          last_seen_at?: string;
          last_tick_at?: string | null;
          started_at?: string;
          stopped_at?: string | null;
        };
        Update: {
          instance_id?: string;
          jobs?: number;
          last_seen_at?: string;
          last_tick_at?: string | null;
          started_at?: string;
          stopped_at?: string | null;
        };
        Relationships: [];
      };
      scheduler_jobs: {
        Row: {
          job_name: string;
          registered_at: string;
        };
        ComputedFields: never;
        Insert: {
          job_name: string;
          registered_at?: string;
        };
        Update: {
          job_name?: string;
          registered_at?: string;
        };
        Relationships: [];
      };
      setores: {
        Row: {
          id: string;
          nome: string;
        };
        ComputedFields: never;
        Insert: {
          id?: string;
          nome: string;
        };
        Update: {
          id?: string;
          nome?: string;
        };
        Relationships: [];
      };
      telefone_ultimo_envio: {
        Row: {
          em: string;
          telefone: string;
        };
        ComputedFields: never;
        Insert: {
          em: string;
          telefone: string;
        };
        Update: {
          em?: string;
          telefone?: string;
        };
        Relationships: [];
      };
      tipos_vaga: {
        Row: {
          id: string;
          nome: string;
        };
        ComputedFields: never;
        Insert: {
          id?: string;
          nome: string;
        };
        Update: {
          id?: string;
          nome?: string;
        };
        Relationships: [];
      };
      uso_llm_grupos: {
        Row: {
          created_at: string;
          custo_usd: number;
          do_cache: boolean;
          duracao_ms: number;
          estagio: string;
          grupo_id: string | null;
          id: string;
          mensagem_id: string | null;
          modelo: string;
          tokens_input: number;
          tokens_output: number;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          custo_usd?: number;
          do_cache?: boolean;
          duracao_ms?: number;
          estagio: string;
          grupo_id?: string | null;
          id?: string;
          mensagem_id?: string | null;
          modelo: string;
          tokens_input?: number;
          tokens_output?: number;
        };
        Update: {
          created_at?: string;
          custo_usd?: number;
          do_cache?: boolean;
          duracao_ms?: number;
          estagio?: string;
          grupo_id?: string | null;
          id?: string;
          mensagem_id?: string | null;
          modelo?: string;
          tokens_input?: number;
          tokens_output?: number;
        };
        Relationships: [
          {
            foreignKeyName: "fk_uso_llm_grupos_grupo";
            columns: ["grupo_id"];
            isOneToOne: false;
            referencedRelation: "grupos_whatsapp";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_uso_llm_grupos_mensagem";
            columns: ["mensagem_id"];
            isOneToOne: false;
            referencedRelation: "mensagens_grupo";
            referencedColumns: ["id"];
          },
        ];
      };
      vagas: {
        Row: {
          contato_nome: string | null;
          contato_whatsapp: string | null;
          created_at: string;
          data: string;
          especialidade_id: string;
          forma_recebimento_id: string | null;
          hora_fim: string | null;
          hora_inicio: string | null;
          hospital_id: string;
          id: string;
          observacoes: string | null;
          origem: string;
          periodo_id: string | null;
          posicao_grupo: number | null;
          setor_id: string | null;
          status: string;
          tipos_vaga_id: string | null;
          updated_at: string;
          vaga_grupo_id: string | null;
          valor: number | null;
          valor_maximo: number | null;
          valor_minimo: number | null;
          valor_tipo: string;
        };
        ComputedFields: never;
        Insert: {
          contato_nome?: string | null;
          contato_whatsapp?: string | null;
          created_at?: string;
          data: string;
          especialidade_id: string;
          forma_recebimento_id?: string | null;
          hora_fim?: string | null;
          hora_inicio?: string | null;
          hospital_id: string;
          id?: string;
          observacoes?: string | null;
          origem?: string;
          periodo_id?: string | null;
          posicao_grupo?: number | null;
          setor_id?: string | null;
          status?: string;
          tipos_vaga_id?: string | null;
          updated_at?: string;
          vaga_grupo_id?: string | null;
          valor?: number | null;
          valor_maximo?: number | null;
          valor_minimo?: number | null;
          valor_tipo?: string;
        };
        Update: {
          contato_nome?: string | null;
          contato_whatsapp?: string | null;
          created_at?: string;
          data?: string;
          especialidade_id?: string;
          forma_recebimento_id?: string | null;
          hora_fim?: string | null;
          hora_inicio?: string | null;
          hospital_id?: string;
          id?: string;
          observacoes?: string | null;
          origem?: string;
          periodo_id?: string | null;
          posicao_grupo?: number | null;
          setor_id?: string | null;
          status?: string;
          tipos_vaga_id?: string | null;
          updated_at?: string;
          vaga_grupo_id?: string | null;
          valor?: number | null;
          valor_maximo?: number | null;
          valor_minimo?: number | null;
          valor_tipo?: string;
        };
        Relationships: [
          {
            foreignKeyName: "fk_vagas_especialidade";
            columns: ["especialidade_id"];
            isOneToOne: false;
            referencedRelation: "especialidades";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_forma";
            columns: ["forma_recebimento_id"];
            isOneToOne: false;
            referencedRelation: "formas_recebimento";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_hospital";
            columns: ["hospital_id"];
            isOneToOne: false;
            referencedRelation: "hospitais";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_periodo";
            columns: ["periodo_id"];
            isOneToOne: false;
            referencedRelation: "periodos";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_setor";
            columns: ["setor_id"];
            isOneToOne: false;
            referencedRelation: "setores";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_tipo";
            columns: ["tipos_vaga_id"];
            isOneToOne: false;
            referencedRelation: "tipos_vaga";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_vaga_grupo";
            columns: ["vaga_grupo_id"];
            isOneToOne: false;
            referencedRelation: "vagas_grupo";
            referencedColumns: ["id"];
          },
        ];
      };
      vagas_grupo: {
        Row: {
          campos_faltando: string[];
          chave_vaga: string;
          cidade: string | null;
          confianca_data: number | null;
          confianca_especialidade: number | null;
          confianca_geral: number | null;
          confianca_horario: number | null;
          confianca_hospital: number | null;
          confianca_valor: number | null;
          contato_nome: string | null;
          contato_responsavel_id: string | null;
          contato_whatsapp: string | null;
          created_at: string;
          dados_minimos_ok: boolean;
          data: string | null;
          data_valida: boolean | null;
          dia_semana: string | null;
          duplicada_de: string | null;
          eh_duplicada: boolean;
          endereco_raw: string | null;
          especialidade_id: string | null;
          especialidade_match_score: number | null;
          especialidade_raw: string | null;
          estado: string | null;
          forma_pagamento_raw: string | null;
          forma_recebimento_id: string | null;
          grupo_origem_id: string;
          hash_dedup: string | null;
          hora_fim: string | null;
          hora_inicio: string | null;
          hospital_criado: boolean;
          hospital_id: string | null;
          hospital_match_score: number | null;
          hospital_raw: string | null;
          id: string;
          impedimentos: string[];
          importada_em: string | null;
          instance_name: string | null;
          mensagem_id: string;
          motivo_status: string | null;
          notas_revisao: string | null;
          numero_vagas: number;
          observacoes_raw: string | null;
          ordem_na_mensagem: number | null;
          periodo: string | null;
          periodo_id: string | null;
          periodo_raw: string | null;
          qtd_fontes: number;
          revisada_em: string | null;
          revisada_por: string | null;
          setor_id: string | null;
          setor_raw: string | null;
          status: string;
          tipo_vaga_raw: string | null;
          tipos_vaga_id: string | null;
          updated_at: string;
          vaga_importada_id: string | null;
          valor: number | null;
          valor_maximo: number | null;
          valor_minimo: number | null;
          valor_tipo: string;
        };
        ComputedFields: never;
        Insert: {
          campos_faltando?: string[];
          chave_vaga: string;
          cidade?: string | null;
          confianca_data?: number | null;
          confianca_especialidade?: number | null;
          confianca_geral?: number | null;
          confianca_horario?: number | null;
          confianca_hospital?: number | null;
          confianca_valor?: number | null;
          contato_nome?: string | null;
          contato_responsavel_id?: string | null;
          contato_whatsapp?: string | null;
          created_at?: string;
          dados_minimos_ok?: boolean;
          data?: string | null;
          data_valida?: boolean | null;
          dia_semana?: string | null;
          duplicada_de?: string | null;
          eh_duplicada?: boolean;
          endereco_raw?: string | null;
          especialidade_id?: string | null;
          especialidade_match_score?: number | null;
          especialidade_raw?: string | null;
          estado?: string | null;
          forma_pagamento_raw?: string | null;
          forma_recebimento_id?: string | null;
          grupo_origem_id: string;
          hash_dedup?: string | null;
          hora_fim?: string | null;
          hora_inicio?: string | null;
          hospital_criado?: boolean;
          hospital_id?: string | null;
          hospital_match_score?: number | null;
          hospital_raw?: string | null;
          id?: string;
          impedimentos?: string[];
          importada_em?: string | null;
          instance_name?: string | null;
          mensagem_id: string;
          motivo_status?: string | null;
          notas_revisao?: string | null;
          numero_vagas?: number;
          observacoes_raw?: string | null;
          ordem_na_mensagem?: number | null;
          periodo?: string | null;
          periodo_id?: string | null;
          periodo_raw?: string | null;
          qtd_fontes?: number;
          revisada_em?: string | null;
          revisada_por?: string | null;
          setor_id?: string | null;
          setor_raw?: string | null;
          status?: string;
          tipo_vaga_raw?: string | null;
          tipos_vaga_id?: string | null;
          updated_at?: string;
          vaga_importada_id?: string | null;
          valor?: number | null;
          valor_maximo?: number | null;
          valor_minimo?: number | null;
          valor_tipo?: string;
        };
        Update: {
          campos_faltando?: string[];
          chave_vaga?: string;
          cidade?: string | null;
          confianca_data?: number | null;
          confianca_especialidade?: number | null;
          confianca_geral?: number | null;
          confianca_horario?: number | null;
          confianca_hospital?: number | null;
          confianca_valor?: number | null;
          contato_nome?: string | null;
          contato_responsavel_id?: string | null;
          contato_whatsapp?: string | null;
          created_at?: string;
          dados_minimos_ok?: boolean;
          data?: string | null;
          data_valida?: boolean | null;
          dia_semana?: string | null;
          duplicada_de?: string | null;
          eh_duplicada?: boolean;
          endereco_raw?: string | null;
          especialidade_id?: string | null;
          especialidade_match_score?: number | null;
          especialidade_raw?: string | null;
          estado?: string | null;
          forma_pagamento_raw?: string | null;
          forma_recebimento_id?: string | null;
          grupo_origem_id?: string;
          hash_dedup?: string | null;
          hora_fim?: string | null;
          hora_inicio?: string | null;
          hospital_criado?: boolean;
          hospital_id?: string | null;
          hospital_match_score?: number | null;
          hospital_raw?: string | null;
          id?: string;
          impedimentos?: string[];
          importada_em?: string | null;
          instance_name?: string | null;
          mensagem_id?: string;
          motivo_status?: string | null;
          notas_revisao?: string | null;
          numero_vagas?: number;
          observacoes_raw?: string | null;
          ordem_na_mensagem?: number | null;
          periodo?: string | null;
          periodo_id?: string | null;
          periodo_raw?: string | null;
          qtd_fontes?: number;
          revisada_em?: string | null;
          revisada_por?: string | null;
          setor_id?: string | null;
          setor_raw?: string | null;
          status?: string;
          tipo_vaga_raw?: string | null;
          tipos_vaga_id?: string | null;
          updated_at?: string;
          vaga_importada_id?: string | null;
          valor?: number | null;
          valor_maximo?: number | null;
          valor_minimo?: number | null;
          valor_tipo?: string;
        };
        Relationships: [
          {
            foreignKeyName: "fk_vagas_grupo_contato";
            columns: ["contato_responsavel_id"];
            isOneToOne: false;
            referencedRelation: "contatos_grupo";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_grupo_duplicada_de";
            columns: ["duplicada_de"];
            isOneToOne: false;
            referencedRelation: "vagas_grupo";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_grupo_especialidade";
            columns: ["especialidade_id"];
            isOneToOne: false;
            referencedRelation: "especialidades";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_grupo_forma";
            columns: ["forma_recebimento_id"];
            isOneToOne: false;
            referencedRelation: "formas_recebimento";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_grupo_grupo";
            columns: ["grupo_origem_id"];
            isOneToOne: false;
            referencedRelation: "grupos_whatsapp";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_grupo_hospital";
            columns: ["hospital_id"];
            isOneToOne: false;
            referencedRelation: "hospitais";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_grupo_mensagem";
            columns: ["mensagem_id"];
            isOneToOne: false;
            referencedRelation: "mensagens_grupo";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_grupo_periodo";
            columns: ["periodo_id"];
            isOneToOne: false;
            referencedRelation: "periodos";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_grupo_setor";
            columns: ["setor_id"];
            isOneToOne: false;
            referencedRelation: "setores";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_grupo_tipo";
            columns: ["tipos_vaga_id"];
            isOneToOne: false;
            referencedRelation: "tipos_vaga";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_grupo_vaga";
            columns: ["vaga_importada_id"];
            isOneToOne: false;
            referencedRelation: "vagas";
            referencedColumns: ["id"];
          },
        ];
      };
      vagas_grupo_fontes: {
        Row: {
          contato_id: string | null;
          created_at: string;
          grupo_id: string;
          id: string;
          mensagem_id: string;
          ordem: number;
          texto_original: string | null;
          vaga_grupo_id: string;
          valor_informado: number | null;
        };
        ComputedFields: never;
        Insert: {
          contato_id?: string | null;
          created_at?: string;
          grupo_id: string;
          id?: string;
          mensagem_id: string;
          ordem: number;
          texto_original?: string | null;
          vaga_grupo_id: string;
          valor_informado?: number | null;
        };
        Update: {
          contato_id?: string | null;
          created_at?: string;
          grupo_id?: string;
          id?: string;
          mensagem_id?: string;
          ordem?: number;
          texto_original?: string | null;
          vaga_grupo_id?: string;
          valor_informado?: number | null;
        };
        Relationships: [
          {
            foreignKeyName: "fk_vagas_grupo_fontes_contato";
            columns: ["contato_id"];
            isOneToOne: false;
            referencedRelation: "contatos_grupo";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_grupo_fontes_grupo";
            columns: ["grupo_id"];
            isOneToOne: false;
            referencedRelation: "grupos_whatsapp";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_grupo_fontes_mensagem";
            columns: ["mensagem_id"];
            isOneToOne: false;
            referencedRelation: "mensagens_grupo";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_vagas_grupo_fontes_vaga";
            columns: ["vaga_grupo_id"];
            isOneToOne: false;
            referencedRelation: "vagas_grupo";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Views: {
      grupo_pipeline_fila: {
        Row: {
          created_at: string;
          erro: string | null;
          estagio: string | null;
          grupo_id: string;
          id: string;
          mensagem_id: string;
          motivo: string | null;
          proximo_retry: string | null;
          status: string | null;
          tentativas: number;
          ultimo_estagio: string | null;
          updated_at: string;
          vaga_grupo_id: string | null;
        };
        ComputedFields: never;
        Update: {
          created_at?: string | null;
          erro?: string | null;
          estagio?: string | null;
          grupo_id?: string | null;
          id?: string | null;
          mensagem_id?: string | null;
          motivo?: string | null;
          proximo_retry?: string | null;
          status?: string | null;
          tentativas?: number | null;
          ultimo_estagio?: string | null;
          updated_at?: string | null;
          vaga_grupo_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "fk_fila_grupos_mensagem";
            columns: ["mensagem_id"];
            isOneToOne: false;
            referencedRelation: "mensagens_grupo";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_fila_grupos_vaga";
            columns: ["vaga_grupo_id"];
            isOneToOne: false;
            referencedRelation: "vagas_grupo";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "fk_mensagens_grupo_grupo";
            columns: ["grupo_id"];
            isOneToOne: false;
            referencedRelation: "grupos_whatsapp";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Functions: {
      adicionar_alias_hospital: {
        Args: { p_alias: string; p_hospital_id: string; p_origem?: string; p_por?: string };
        Returns: Json;
      };
      aprovar_vaga_grupo: {
        Args: {
          p_agora?: string;
          p_correcoes?: Json;
          p_hora_fim?: string;
          p_hora_inicio?: string;
          p_id: string;
          p_janela_h?: number;
          p_por?: string;
        };
        Returns: Json;
      };
      backfill_topic_groups: { Args: { p_groups: Json; p_limit?: number; p_now?: string }; Returns: boolean };
      bater_scheduler: {
        Args: { p_agora?: string; p_instancia: string; p_lease_ms?: number; p_tick_ha_ms: number; p_tokens: string[] };
        Returns: Json;
      };
      beat_worker: {
        Args: {
          p_agora?: string;
          p_cpu_pct?: number;
          p_drained?: boolean;
          p_queues: string[];
          p_rss_mb?: number;
          p_running: number;
          p_worker: string;
        };
        Returns: undefined;
      };
      bloquear_oferta: {
        Args: {
          p_agora?: string;
          p_espera_s?: number;
          p_fila: string;
          p_id: string;
          p_job: string;
          p_limite?: number;
          p_motivo: string;
          p_pausa_s?: number;
        };
        Returns: Json;
      };
      buscar_hospitais: { Args: { p_limite?: number; p_texto: string }; Returns: Json };
      carregar_agendamentos: { Args: { p_agora?: string; p_itens: Json; p_sinalizadores: Json }; Returns: Json };
      concluir_ofertas: { Args: { p_agora?: string; p_fila: string; p_itens: Json }; Returns: Json };
      contar_agendamentos: { Args: Record<PropertyKey, never>; Returns: Json };
      contar_prontos_fila_grupos: { Args: { p_agora?: string; p_limite: number }; Returns: number };
      count_topic_backlog: { Args: { p_groups?: Json; p_now?: string }; Returns: Json };
      criar_agendamento: {
        Args: { p_agora?: string; p_linha: Json; p_sinalizadores: Json; p_tarefa: Json };
        Returns: Json;
      };
      definir_sinalizadores_normalizacao: {
        Args: { p_agora?: string; p_documento: boolean; p_endereco: boolean; p_padrao: Json };
        Returns: Json;
      };
      detalhar_oferta: { Args: { p_id: string }; Returns: Json };
      detalhar_vaga_grupo: { Args: { p_id: string }; Returns: Json };
      devolver_limites_envio: { Args: { p_reserva: Json }; Returns: undefined };
      dia_local: { Args: { p_em: string }; Returns: string };
      dobra: { Args: { p_texto: string }; Returns: string };
      duracoes_dos_jobs: { Args: { p_desde: string; p_jobs: string[] }; Returns: Json };
      encerrar_execucoes: { Args: { p_agora?: string; p_instancia: string; p_itens: Json }; Returns: Json };
      encerrar_job: {
        Args: {
          p_agora?: string;
          p_chave: string;
          p_duracao_ms: number;
          p_erro: string;
          p_execucao: string;
          p_http_status: number;
          p_itens: number;
          p_job: string;
          p_resposta: Json;
          p_status: string;
          p_token: string;
        };
        Returns: boolean;
      };
      enfileirar_oferta: {
        Args: { p_agora?: string; p_id: string; p_preco?: number; p_tarefa: Json; p_url?: string };
        Returns: Json;
      };
      enfileirar_ofertas_pendentes: {
        Args: {
          p_agora?: string;
          p_desconto: boolean;
          p_falhas: boolean;
          p_limite: number;
          p_link: boolean;
          p_preco: boolean;
          p_recheck_h: number;
          p_tarefa: Json;
        };
        Returns: number;
      };
      enqueue_batch: { Args: { p_agora?: string; p_args: Json; p_template: Json }; Returns: Json };
      enqueue_tasks: { Args: { p_agora?: string; p_tasks: Json }; Returns: Json };
      estado_bloqueio_ofertas: { Args: { p_agora?: string; p_fila: string }; Returns: Json };
      estatisticas_grupos: { Args: { p_agora?: string; p_periodo?: string }; Returns: Json };
      exchange_deliveries: {
        Args: {
          p_by: string;
          p_claim: Json;
          p_dedupe: boolean;
          p_ids: number[];
          p_keys: string[];
          p_lease_s: number;
          p_now?: string;
          p_others: Json;
          p_out: Json;
          p_tokens: string[];
          p_wait_ms: number;
        };
        Returns: Json;
      };
      exchange_tasks: {
        Args: {
          p_agora?: string;
          p_done_ids?: string[];
          p_done_tokens?: string[];
          p_ended?: Json;
          p_functions: string[];
          p_lease_s?: number;
          p_limit: number;
          p_logs?: Json;
          p_max_running?: number;
          p_queue: string;
          p_rescue?: boolean;
          p_results?: Json;
          p_worker: string;
        };
        Returns: Json;
      };
      extend_deliveries: {
        Args: { p_ids: number[]; p_lease_s: number; p_now?: string; p_tokens: string[] };
        Returns: Json;
      };
      fatos_do_slot: { Args: { p_agora?: string; p_chave: string; p_job: string; p_slot: string }; Returns: Json };
      fn_alertas_confirmar: {
        Args: { p_agora?: string; p_enviado: boolean; p_erro?: string; p_id: string };
        Returns: boolean;
      };
      fn_alertas_decidir: { Args: { p_agora?: string; p_decisoes: Json }; Returns: Json };
      fn_alertas_registrar: {
        Args: { p_agora?: string; p_alertas: Json; p_grupo: string; p_tipos_avaliados?: string[] };
        Returns: Json;
      };
      fn_buscar_ou_criar_hospital: { Args: { p_agora?: string; p_dados: Json; p_nome: string }; Returns: Json };
      fn_grupos_anonimizar: { Args: { p_agora?: string; p_dias?: number; p_limite?: number }; Returns: number };
      fn_grupos_avancar: {
        Args: { p_agora?: string; p_estagio: string; p_id: string; p_motivo?: string; p_token: string };
        Returns: boolean;
      };
      fn_grupos_backfill: { Args: { p_agora?: string; p_limite?: number; p_max_tentativas?: number }; Returns: number };
      fn_grupos_buscar_cnes: { Args: { p_consultas: Json; p_limiar?: number }; Returns: Json };
      fn_grupos_casar: {
        Args: {
          p_especialidades: string[];
          p_hospitais: string[];
          p_limiar_especialidade?: number;
          p_limiar_hospital?: number;
        };
        Returns: Json;
      };
      fn_grupos_catalogos: { Args: Record<PropertyKey, never>; Returns: Json };
      fn_grupos_concluir_mensagens_lote: {
        Args: { p_agora?: string; p_delays?: number[]; p_itens: Json };
        Returns: Json;
      };
      fn_grupos_concluir_vagas_lote: {
        Args: { p_agora?: string; p_delays?: number[]; p_itens: Json; p_janela_h?: number };
        Returns: Json;
      };
      fn_grupos_consolidar: { Args: { p_agora?: string; p_data: string }; Returns: Json };
      fn_grupos_deduplicar: {
        Args: { p_agora?: string; p_hash: string; p_janela_h?: number; p_vaga: string };
        Returns: Json;
      };
      fn_grupos_devolver: { Args: { p_agora?: string; p_tokens: string[] }; Returns: number };
      fn_grupos_encerrar_ciclo: { Args: { p_agora?: string; p_resumo: Json; p_trabalhador: string }; Returns: Json };
      fn_grupos_falhar: {
        Args: {
          p_agora?: string;
          p_definitivo?: boolean;
          p_delays?: number[];
          p_erro: string;
          p_id: string;
          p_token: string;
        };
        Returns: string;
      };
      fn_grupos_falhar_lote: { Args: { p_agora?: string; p_delays?: number[]; p_falhas: Json }; Returns: Json };
      fn_grupos_fatos: { Args: { p_agora?: string; p_pendentes_horas?: number }; Returns: Json };
      fn_grupos_fila: { Args: { p_agora?: string }; Returns: Json };
      fn_grupos_ingerir: { Args: { p_agora?: string; p_max_tentativas?: number; p_mensagens: Json }; Returns: Json };
      fn_grupos_iniciar_ciclo: {
        Args: { p_agora?: string; p_delays?: number[]; p_trabalhador: string };
        Returns: number;
      };
      fn_grupos_limpar: { Args: { p_agora?: string; p_dias?: number; p_limite?: number }; Returns: number };
      fn_grupos_metricas: { Args: { p_agora?: string; p_dias?: number; p_limite?: number }; Returns: Json };
      fn_grupos_nomear: { Args: { p_agora?: string; p_jid: string; p_nome: string }; Returns: boolean };
      fn_grupos_podar_uso: { Args: { p_agora?: string; p_dias?: number; p_limite?: number }; Returns: number };
      fn_grupos_recuperar_leases: {
        Args: { p_agora?: string; p_delays?: number[]; p_limite?: number };
        Returns: number;
      };
      fn_grupos_reivindicar: {
        Args: { p_agora?: string; p_estagios: string[]; p_lease_s?: number; p_limite: number; p_trabalhador: string };
        Returns: {
          created_at: string;
          estagio: string;
          estagio_desde: string;
          finalizado_em: string | null;
          id: string;
          lease_ate: string | null;
          lease_por: string | null;
          lease_token: string | null;
          leases_expirados: number;
          max_tentativas: number;
          mensagem_id: string;
          motivo: string | null;
          proximo_retry: string | null;
          reprocessos: number;
          tentativas: number;
          ultimo_erro: string | null;
          ultimo_estagio: string | null;
          updated_at: string;
          vaga_grupo_id: string | null;
        }[];
        SetofOptions: {
          from: "*";
          to: "fila_processamento_grupos";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      fn_grupos_reivindicar_mensagens: {
        Args: { p_agora?: string; p_estagios: string[]; p_lease_s?: number; p_limite: number; p_trabalhador: string };
        Returns: Json;
      };
      fn_grupos_reivindicar_vagas: {
        Args: { p_agora?: string; p_estagios: string[]; p_lease_s?: number; p_limite: number; p_trabalhador: string };
        Returns: Json;
      };
      fn_grupos_renovar_leases: { Args: { p_agora?: string; p_lease_s?: number; p_tokens: string[] }; Returns: Json };
      fn_grupos_reprocessar: {
        Args: { p_agora?: string; p_desde_inicio?: boolean; p_estagio?: string; p_limite?: number };
        Returns: Json;
      };
      fn_grupos_saude: { Args: { p_agora?: string }; Returns: Json };
      fn_grupos_vencida_desde: { Args: { p_agora?: string }; Returns: string };
      fn_normalizar_busca: { Args: { p_texto: string }; Returns: string };
      gravar_cache_llm_grupos: { Args: { p_agora?: string; p_itens: Json }; Returns: number };
      historico_do_job: { Args: { p_antes?: string; p_job: string; p_limite?: number }; Returns: Json };
      importar_agendamentos: {
        Args: {
          p_agora?: string;
          p_arquivo: Json;
          p_forcar?: boolean;
          p_linhas: Json;
          p_sinalizadores: Json;
          p_tarefa: Json;
        };
        Returns: Json;
      };
      iniciar_job: {
        Args: {
          p_agora?: string;
          p_chave: string;
          p_execucao: string;
          p_instancia: string;
          p_job: string;
          p_lease_ms?: number;
          p_nova: string;
          p_token: string;
        };
        Returns: Json;
      };
      iniciar_job_com_diario: {
        Args: {
          p_agora?: string;
          p_alvo: string;
          p_autor: string;
          p_chave: string;
          p_execucao: string;
          p_instancia: string;
          p_job: string;
          p_lease_ms?: number;
          p_motivo: string;
          p_nova: string;
          p_parametros: Json;
          p_token: string;
        };
        Returns: Json;
      };
      iniciar_oferta: { Args: { p_agora?: string; p_id: string; p_job: string }; Returns: boolean };
      inspecionar_esquema: { Args: { p_tabelas: string[]; p_visoes: string[] }; Returns: Json };
      jobs_do_agendador: { Args: { p_jobs?: string[] }; Returns: Json };
      ler_limites_envio: { Args: { p_agora?: string }; Returns: Json };
      ler_marcadores: { Args: Record<PropertyKey, never>; Returns: Json };
      list_dead_deliveries: { Args: { p_limit?: number; p_worker?: string }; Returns: Json };
      list_tasks: {
        Args: { p_agora?: string; p_limit?: number; p_offset?: number; p_queue: string; p_status?: string };
        Returns: Json;
      };
      list_workers: { Args: { p_agora?: string; p_queue?: string }; Returns: Json };
      listar_auditoria_operacional: {
        Args: { p_alvo?: string; p_antes_de?: number; p_limite?: number };
        Returns: Json;
      };
      listar_vagas_revisao: { Args: { p_grupo?: string; p_limite?: number }; Returns: Json };
      marcar_ambiente: { Args: { p_environment: string; p_project_ref: string }; Returns: undefined };
      marcar_bloqueio_alertado: { Args: { p_agora?: string; p_fila: string }; Returns: undefined };
      obter_cache_llm_grupos: { Args: { p_agora?: string; p_chaves: string[] }; Returns: Json };
      obter_historico_circuitos: {
        Args: { p_agora?: string; p_circuit_name?: string; p_horas?: number };
        Returns: Json;
      };
      ofertas_a_enriquecer: {
        Args: {
          p_agora?: string;
          p_desconto: boolean;
          p_falhas?: boolean;
          p_limite: number;
          p_link: boolean;
          p_preco: boolean;
          p_recheck_h?: number;
        };
        Returns: Json;
      };
      parar_scheduler: { Args: { p_agora?: string; p_instancia: string }; Returns: undefined };
      pausar_jobs: {
        Args: { p_agora?: string; p_ate: string; p_autor: string; p_jobs: string[]; p_motivo: string };
        Returns: Json;
      };
      pausas_em_vigor: { Args: { p_agora?: string }; Returns: Json };
      pause_topic_group: { Args: { p_group_id: string; p_paused: boolean; p_topic: string }; Returns: boolean };
      podar_agendador: { Args: { p_agora?: string; p_dias?: number; p_limite?: number }; Returns: Json };
      podar_cache_llm_grupos: { Args: { p_agora?: string; p_limite?: number }; Returns: number };
      podar_circuit_transitions: { Args: { p_agora?: string; p_limite?: number }; Returns: number };
      podar_job_executions: {
        Args: { p_agora?: string; p_dias?: number; p_dias_erros?: number; p_limite?: number };
        Returns: number;
      };
      publish_messages: {
        Args: { p_by?: string; p_dedupe?: boolean; p_keys?: string[]; p_messages: Json; p_now?: string };
        Returns: Json;
      };
      purge_messages: { Args: { p_limit?: number; p_now?: string }; Returns: number };
      purge_tasks: { Args: { p_agora?: string; p_limit?: number }; Returns: number };
      queue_counts: { Args: { p_agora?: string; p_queue: string }; Returns: Json };
      queue_stats: { Args: { p_agora?: string; p_queue?: string }; Returns: Json };
      recover_deliveries: { Args: { p_limit?: number; p_now?: string }; Returns: number };
      register_topic_groups: { Args: { p_groups: Json; p_now?: string }; Returns: number };
      registrar_catalogo: { Args: { p_agora?: string; p_instancia: string; p_jobs: string[] }; Returns: Json };
      registrar_circuit_transitions: { Args: { p_itens: Json }; Returns: number };
      registrar_heartbeat: { Args: { p_agora?: string }; Returns: Json };
      registrar_progresso: {
        Args: { p_agora?: string; p_feitos: number; p_texto: string; p_token: string; p_total: number };
        Returns: boolean;
      };
      registrar_reinicio_circuitos: { Args: { p_agora?: string; p_nomes: string[] }; Returns: number };
      registrar_slots_pulados: { Args: { p_agora?: string; p_instancia: string; p_pulados: Json }; Returns: number };
      registrar_uso_llm_grupos: {
        Args: {
          p_agora?: string;
          p_custo_usd: number;
          p_duracao_ms: number;
          p_estagio: string;
          p_modelo: string;
          p_tokens_input: number;
          p_tokens_output: number;
        };
        Returns: undefined;
      };
      reivindicar_slots: {
        Args: {
          p_agora?: string;
          p_gatilhos: string[];
          p_horarios: string[];
          p_ids: string[];
          p_instancia: string;
          p_jobs: string[];
          p_lease_ms?: number;
          p_pulados: Json;
          p_tokens: string[];
        };
        Returns: Json;
      };
      rejeitar_vaga_grupo: {
        Args: { p_agora?: string; p_id: string; p_motivo: string; p_por?: string };
        Returns: Json;
      };
      remove_topic_group: { Args: { p_group_id: string; p_limit?: number; p_topic: string }; Returns: Json };
      renew_tasks: {
        Args: { p_agora?: string; p_ids: string[]; p_lease_s?: number; p_tokens: string[] };
        Returns: string[];
      };
      renormalizar_agendamentos: {
        Args: { p_agora?: string; p_ids: string[]; p_limite: number; p_tarefa: Json };
        Returns: Json;
      };
      renovar_travas_jobs: { Args: { p_agora?: string; p_lease_ms?: number; p_tokens: string[] }; Returns: Json };
      reparar_agendamentos: { Args: { p_agora?: string; p_limite?: number; p_tarefa: Json }; Returns: number };
      replay_delivery: { Args: { p_id: number; p_now?: string }; Returns: boolean };
      requeue_tasks: {
        Args: { p_agora?: string; p_ids?: string[]; p_limit?: number; p_queue: string };
        Returns: string[];
      };
      rescue_tasks: { Args: { p_agora?: string; p_queue: string }; Returns: number };
      reservar_limites_envio: {
        Args: { p_agora?: string; p_intervalo_s?: number; p_limites: Json; p_telefone?: string };
        Returns: Json;
      };
      reservar_vez_host: { Args: { p_agora?: string; p_host: string; p_intervalo_ms: number }; Returns: number };
      resume_queue: { Args: { p_agora?: string; p_queue: string }; Returns: boolean };
      resumir_execucoes: { Args: { p_agora?: string; p_jobs: string[]; p_progresso?: string[] }; Returns: Json };
      retomar_execucoes: {
        Args: { p_agora?: string; p_instancia: string; p_itens: Json; p_lease_ms?: number };
        Returns: Json;
      };
      retomar_jobs: { Args: { p_agora?: string; p_autor: string; p_jobs: string[]; p_motivo: string }; Returns: Json };
      salvar_normalizacoes: { Args: { p_agora?: string; p_itens: Json; p_tarefa: Json }; Returns: Json };
      salvar_ofertas: { Args: { p_agora?: string; p_ofertas: Json; p_tarefa: Json }; Returns: Json };
      settle_tasks: {
        Args: {
          p_agora?: string;
          p_done_ids: string[];
          p_done_tokens: string[];
          p_ended?: Json;
          p_logs?: Json;
          p_results: Json;
        };
        Returns: string[];
      };
      sincronizar_ofertas: { Args: { p_agora?: string; p_limite?: number }; Returns: number };
      situacao_dos_jobs: { Args: { p_agora?: string; p_jobs: string[] }; Returns: Json };
      slots_registrados: {
        Args: {
          p_ate: string;
          p_depois_job?: string;
          p_depois_slot?: string;
          p_desde: string;
          p_jobs?: string[];
          p_limite?: number;
        };
        Returns: Json;
      };
      summarize_topics: { Args: { p_now?: string }; Returns: Json };
      task_detail: { Args: { p_agora?: string; p_job_id: string }; Returns: Json };
      task_status: { Args: { p_agora?: string; p_job_id: string }; Returns: Json };
      ultimo_passo_do_agendador: { Args: Record<PropertyKey, never>; Returns: Json };
      wait_for_tasks: {
        Args: { p_functions: string[]; p_ms?: number; p_queues: string[]; p_step_ms?: number };
        Returns: boolean;
      };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"] | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"] | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"] | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  public: {
    Enums: {},
  },
} as const;
