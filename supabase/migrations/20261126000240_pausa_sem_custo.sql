-- Every slot claimed asks whether its job is paused, and nearly always none is: one indexed question, without a function call
-- and without a row to be made of its answer. The pause itself is read only when there is one.
create or replace function interno.barrar_slot_pausado() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
  v_pausa job_pausas;
begin
  if not exists (
    select 1 from job_pausas p
     where p.job_name = new.job_name
       and ((p.desde <= new.scheduled_for and new.scheduled_for < coalesce(p.encerrada_em, p.ate, 'infinity'))
            or (p.desde <= new.started_at and new.started_at < coalesce(p.encerrada_em, p.ate, 'infinity')))) then
    return new;
  end if;
  v_pausa := interno.pausa_do_slot(new.job_name, new.scheduled_for, new.started_at);
  insert into job_slots_pulados (job_name, scheduled_for, motivo, detalhe, instance_id, registrado_em)
  values (new.job_name, new.scheduled_for, 'pausado',
          left(format('pausado por %s %s: %s', v_pausa.autor,
            coalesce('até ' || to_char(v_pausa.ate at time zone 'America/Sao_Paulo', 'DD/MM/YYYY HH24:MI'), 'até ser retomado'),
            v_pausa.motivo), 500),
          new.instance_id, new.started_at)
  on conflict do nothing;
  return null;
end $$;

select interno.proteger();
