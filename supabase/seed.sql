-- Catálogos e nomes de exemplo, suficientes para as mensagens de demonstração. Pode rodar quantas vezes for.
-- Em produção os hospitais e os seus aliases são os do projeto; as quatro listas de nomes fixos são as mesmas.

insert into public.periodos (nome) values
  ('Diurno'), ('Vespertino'), ('Noturno'), ('Cinderela'), ('Meio período (manhã)'), ('Plantão 24h')
on conflict (nome) do nothing;
insert into public.setores (nome) values
  ('Pronto atendimento'), ('Hospital'), ('C. Cirúrgico'), ('C. Obstétrico'), ('RPA'), ('SADT'), ('Consultório')
on conflict (nome) do nothing;
insert into public.tipos_vaga (nome) values ('Cobertura'), ('Fixo'), ('Ambulatorial'), ('Mensal') on conflict (nome) do nothing;
insert into public.formas_recebimento (forma_recebimento) values ('Pessoa fisica'), ('Pessoa jurídica'), ('CLT'), ('SCP')
on conflict (forma_recebimento) do nothing;

insert into public.especialidades (nome) values
  ('Acupuntura'),
  ('Alergia e Imunologia'),
  ('Anestesiologia'),
  ('Angiologia'),
  ('Cardiologia'),
  ('Cirurgia Cardiovascular'),
  ('Cirurgia da Mão'),
  ('Cirurgia de Cabeça e Pescoço'),
  ('Cirurgia do Aparelho Digestivo'),
  ('Cirurgia Geral'),
  ('Cirurgia Oncológica'),
  ('Cirurgia Pediátrica'),
  ('Cirurgia Plástica'),
  ('Cirurgia Torácica'),
  ('Cirurgia Vascular'),
  ('Clínica Médica'),
  ('Coloproctologia'),
  ('Dermatologia'),
  ('Endocrinologia e Metabologia'),
  ('Endoscopia'),
  ('Gastroenterologia'),
  ('Generalista'),
  ('Genética Médica'),
  ('Geriatria'),
  ('Ginecologia e Obstetrícia'),
  ('Hematologia e Hemoterapia'),
  ('Homeopatia'),
  ('Infectologia'),
  ('Mastologia'),
  ('Medicina de Emergência'),
  ('Medicina de Família'),
  ('Medicina do Trabalho'),
  ('Medicina do Tráfego'),
  ('Medicina Esportiva'),
  ('Medicina Física e Reabilitação'),
  ('Medicina Intensiva'),
  ('Medicina Legal e Perícia Médica'),
  ('Medicina Nuclear'),
  ('Medicina Preventiva e Social'),
  ('Nefrologia'),
  ('Neonatologia'),
  ('Neurocirurgia'),
  ('Neurologia'),
  ('Nutrologia'),
  ('Oftalmologia'),
  ('Oncologia Clínica'),
  ('Ortopedia e Traumatologia'),
  ('Otorrinolaringologia'),
  ('Patologia'),
  ('Patologia Clínica'),
  ('Pediatria'),
  ('Pneumologia'),
  ('Psiquiatria'),
  ('Radiologia e Diagnóstico por Imagem'),
  ('Radioterapia'),
  ('Reumatologia'),
  ('Urologia')
on conflict (nome) do nothing;

-- Cada nome canônico é alias de si mesmo; depois, como os grupos escrevem.
insert into public.especialidades_alias (especialidade_id, alias, alias_normalizado, origem, confirmado)
select e.id, e.nome, '', 'seed', true from public.especialidades e order by e.nome
on conflict (alias_normalizado) do nothing;
insert into public.especialidades_alias (especialidade_id, alias, alias_normalizado, origem, confirmado)
select e.id, a.alias, '', 'seed', true
  from (values
    ('Clínica Médica', 'cm,clinica,clinico,clinicos,clinico medico,clinica medico,clinico geral,clinica geral'),
    ('Pediatria', 'ped,pedi,pediatra,pediatras,uti ped,intensivista pediatrico'),
    ('Ginecologia e Obstetrícia', 'GO,G.O.,gineco,ginecologia,ginecologista,obstetra,obstetricia'),
    ('Ortopedia e Traumatologia', 'orto,ortopedia,ortopedista,traumato,traumatologia'),
    ('Cardiologia', 'cardio,cardiologista'),
    ('Neurologia', 'neuro,neurologista'),
    ('Psiquiatria', 'psiq,psiquiatra'),
    ('Cirurgia Geral', 'cg,cirurgiao,cirurgioes,cirurgia,cirurgiao geral'),
    ('Cirurgia Vascular', 'vascular,cirurgiao vascular'),
    ('Neurocirurgia', 'neurocirurgiao'),
    ('Anestesiologia', 'anest,anestesio,anestesista,anestesiologista'),
    ('Medicina Intensiva', 'uti,terapia intensiva,intensivista'),
    ('Medicina de Emergência', 'emergencista,emergencia,pronto socorro'),
    ('Neonatologia', 'neonato,neonatologista,uti neo,sala de parto'),
    ('Radiologia e Diagnóstico por Imagem', 'usg,ultrassom,ultrassonografista,radiologista'),
    ('Endoscopia', 'endoscopista'),
    ('Nefrologia', 'nefro'),
    ('Urologia', 'uro'),
    ('Gastroenterologia', 'gastro'),
    ('Infectologia', 'infecto'),
    ('Hematologia e Hemoterapia', 'hemato'),
    ('Oncologia Clínica', 'onco'),
    ('Pneumologia', 'pneumo'),
    ('Reumatologia', 'reumato'),
    ('Dermatologia', 'dermato'),
    ('Endocrinologia e Metabologia', 'endocrino'),
    ('Geriatria', 'geriatra'),
    ('Oftalmologia', 'oftalmo'),
    ('Otorrinolaringologia', 'otorrino'),
    ('Generalista', 'generalista'),
    ('Medicina de Família', 'mfc')
  ) x (nome, aliases)
  join public.especialidades e on e.nome = x.nome
  cross join lateral unnest(string_to_array(x.aliases, ',')) a (alias)
on conflict (alias_normalizado) do nothing;

-- Hospitais inventados.
insert into public.hospitais (nome, cidade, estado)
select x.nome, 'Não informada', 'SP' from (values
  ('Hospital Vila Serena'),
  ('Hospital Universitário Campo Azul'),
  ('UPA Jardim Aurora'),
  ('Santa Casa de Monte Claro'),
  ('UPA Parque das Águas'),
  ('Maternidade Nossa Senhora da Luz'),
  ('Hospital Municipal Doutor Arlindo Prado'),
  ('Hospital Regional do Vale'),
  ('Hospital São Benedito'),
  ('Pronto Socorro Central de Itaporã'),
  ('Hospital Santa Edwiges'),
  ('AMA Vila Nova Esperança')
) x (nome)
 where not exists (select 1 from public.hospitais h where h.nome = x.nome);
insert into public.hospitais_alias (hospital_id, alias, alias_normalizado, origem, confirmado)
select h.id, a.alias, '', 'seed', true
  from (values
    ('Hospital Vila Serena', 'Hospital Vila Serena; Vila Serena; HVS'),
    ('Hospital Universitário Campo Azul', 'Hospital Universitário Campo Azul; HU Campo Azul; Campo Azul'),
    ('UPA Jardim Aurora', 'UPA Jardim Aurora; UPA Jd Aurora; UPA Aurora'),
    ('Santa Casa de Monte Claro', 'Santa Casa de Monte Claro; Sta Casa Monte Claro; Santa Casa Monte Claro'),
    ('UPA Parque das Águas', 'UPA Parque das Águas; UPA Pq das Águas'),
    ('Maternidade Nossa Senhora da Luz', 'Maternidade Nossa Senhora da Luz; Maternidade NS da Luz; Maternidade da Luz'),
    ('Hospital Municipal Doutor Arlindo Prado', 'Hospital Municipal Doutor Arlindo Prado; Hospital Municipal Dr. Arlindo Prado; HM Arlindo Prado; Arlindo Prado'),
    ('Hospital Regional do Vale', 'Hospital Regional do Vale; HR do Vale; Regional do Vale'),
    ('Hospital São Benedito', 'Hospital São Benedito; São Benedito; HSB'),
    ('Pronto Socorro Central de Itaporã', 'Pronto Socorro Central de Itaporã; PS Central de Itaporã; PS Central Itaporã; PS Central'),
    ('Hospital Santa Edwiges', 'Hospital Santa Edwiges; Santa Edwiges'),
    ('AMA Vila Nova Esperança', 'AMA Vila Nova Esperança; AMA Nova Esperança')
  ) x (nome, aliases)
  join public.hospitais h on h.nome = x.nome
  cross join lateral unnest(string_to_array(x.aliases, '; ')) a (alias)
on conflict (alias_normalizado) do nothing;
