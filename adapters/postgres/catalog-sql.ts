// Knows: the questions to the system catalogs of PostgreSQL 12 and later, each answered by rows of JSON.
// Must not know: what is made of the answers. Written as text: Kysely has no words for the catalog's functions, and
// nothing but $1 (the schemas as a JSON list, or null for all) comes from outside.

/** With an empty path format_type() puts the schema before every type that is not built in. */
export const BEGIN =
  "begin transaction isolation level repeatable read read only; set local search_path = ''; set local quote_all_identifiers = off";

const OWN = (namespace: string): string => `
  ${namespace}.nspname not in ('pg_catalog', 'information_schema') and ${namespace}.nspname not like 'pg\\_%'
  and ($1::jsonb is null or $1::jsonb ? ${namespace}.nspname::text)`;

export const DATABASE = `
select json_build_object(
  'encoding', pg_encoding_to_char(encoding),
  'collate', datcollate,
  'schemas', (select coalesce(json_agg(nspname), '[]') from pg_namespace))
from pg_database where datname = current_database()`;

export const RELATIONS = `
select json_build_object(
  'id', c.oid::text, 'schema', n.nspname, 'name', c.relname, 'kind', c.relkind,
  'comment', obj_description(c.oid, 'pg_class'),
  'partitionOf', (select pn.nspname || '.' || p.relname from pg_inherits i join pg_class p on p.oid = i.inhparent
    join pg_namespace pn on pn.oid = p.relnamespace where i.inhrelid = c.oid and c.relispartition),
  'heirs', exists (select from pg_inherits i join pg_class h on h.oid = i.inhrelid
    where i.inhparent = c.oid and not h.relispartition),
  'usable', has_schema_privilege(n.oid, 'usage') and has_any_column_privilege(c.oid, 'select'))
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and ${OWN('n')}
order by n.nspname collate "C", c.relname collate "C"`;

/** Those that number no column of a table. */
export const SEQUENCES = `
select json_build_object('name', n.nspname || '.' || c.relname)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'S' and ${OWN('n')}
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i'))
order by n.nspname collate "C", c.relname collate "C"`;

/** A domain is what it is made of, through all of its layers. */
const DOMAINS = `layer(domain, type, typmod)
  as (
  select oid, typbasetype, typtypmod from pg_type where typtype = 'd'
  union all
  select l.domain, t.typbasetype, case when l.typmod = -1 then t.typtypmod else l.typmod end
  from layer l join pg_type t on t.oid = l.type where t.typtype = 'd'
), base
  as (
  select l.* from layer l join pg_type t on t.oid = l.type where t.typtype <> 'd'
)`;

export const COLUMNS = `
with recursive ${DOMAINS}
select json_build_object(
  'relation', a.attrelid::text, 'name', a.attname, 'nullable', not a.attnotnull,
  'type', format_type(t.oid, case when b.domain is null then a.atttypmod else b.typmod end),
  'typeKind', t.typtype,
  'values', (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
  'collation', co.collname, 'deterministic', co.collisdeterministic,
  'comment', col_description(a.attrelid, a.attnum),
  'default', a.atthasdef and a.attgenerated = '', 'identity', a.attidentity, 'generated', a.attgenerated <> '',
  'usable', has_column_privilege(a.attrelid, a.attnum, 'select'))
from pg_attribute a
join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
left join base b on b.domain = a.atttypid
join pg_type t on t.oid = coalesce(b.type, a.atttypid)
left join pg_collation co on co.oid = a.attcollation
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f') and ${OWN('n')}
order by a.attrelid, a.attnum`;

/**
 * Indexes over all rows and over plain columns, sorted as their columns compare; only B-trees and hashes serve equality.
 */
export const INDEXES = `
select json_build_object(
  'relation', i.indrelid::text, 'unique', i.indisunique, 'primary', i.indisprimary,
  'columns', (select json_agg(a.attname order by k.position)
    from unnest(i.indkey::int2[]) with ordinality k(attnum, position)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
    where k.position <= i.indnkeyatts))
from pg_index i
join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
where i.indisvalid and i.indpred is null and i.indexprs is null and m.amname in ('btree', 'hash') and ${OWN('n')}
  and not exists (
    select from unnest(i.indkey::int2[], i.indcollation::oid[]) k(attnum, indexed)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
    where k.indexed <> 0 and k.indexed <> a.attcollation)
order by i.indrelid, x.relname collate "C"`;

export const FOREIGN_KEYS = `
select json_build_object(
  'relation', o.conrelid::text, 'schema', fn.nspname, 'name', f.relname,
  'columns', (select json_agg(a.attname order by k.position) from unnest(o.conkey) with ordinality k(attnum, position)
    join pg_attribute a on a.attrelid = o.conrelid and a.attnum = k.attnum),
  'references', (select json_agg(a.attname order by k.position) from unnest(o.confkey) with ordinality k(attnum, position)
    join pg_attribute a on a.attrelid = o.confrelid and a.attnum = k.attnum))
from pg_constraint o
join pg_class c on c.oid = o.conrelid join pg_namespace n on n.oid = c.relnamespace
join pg_class f on f.oid = o.confrelid join pg_namespace fn on fn.oid = f.relnamespace
where o.contype = 'f' and o.conparentid = 0 and ${OWN('n')}
order by o.conrelid, o.conname collate "C"`;

/** A type as it is declared, a domain as what it is made of; `$type` and `$mod` stand for expressions. */
const TYPE = (type: string, mod: string): string => `
  (select json_build_object(
    'type', format_type(t.oid, case when b.domain is null then ${mod} else b.typmod end), 'kind', t.typtype,
    'values', (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
    'element', (select et.typtype from pg_type et where et.oid = t.typelem and t.typcategory = 'A'))
  from pg_type own left join base b on b.domain = own.oid join pg_type t on t.oid = coalesce(b.type, own.oid)
  where own.oid = ${type})`;

export const ROUTINES = `
with recursive ${DOMAINS}
select json_build_object(
  'schema', n.nspname, 'name', p.proname, 'kind', p.prokind, 'set', p.proretset,
  'comment', obj_description(p.oid, 'pg_proc'),
  'usable', has_schema_privilege(n.oid, 'usage') and has_function_privilege(p.oid, 'execute'),
  'returns', ${TYPE('p.prorettype', '-1')},
  'parameters', (
    select coalesce(json_agg(json_build_object(
      'name', coalesce(p.proargnames[k.position], ''), 'type', ${TYPE('k.type', '-1')},
      'mode', coalesce(p.proargmodes[k.position]::text, 'i')) order by k.position), '[]')
    from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality k(type, position)),
  'optional', p.pronargdefaults,
  'row', (select json_agg(json_build_object('name', a.attname, 'type', ${TYPE('a.atttypid', 'a.atttypmod')}) order by a.attnum)
    from pg_type r join pg_attribute a on a.attrelid = r.typrelid
    where r.oid = p.prorettype and r.typrelid <> 0 and a.attnum > 0 and not a.attisdropped))
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where p.prokind in ('f', 'p', 'a', 'w') and ${OWN('n')}
  and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
order by n.nspname collate "C", p.proname collate "C", pg_get_function_identity_arguments(p.oid) collate "C"`;
