// The routines of the suite of procedures, in PL/pgSQL.

import { operations } from '../../conformance/procedures.ts';
import { access, connected, schema } from './server.ts';

const SQL = `
  create table log (what varchar(100) primary key);
  create procedure echo(v_int int, v_big bigint, v_dec decimal, v_text varchar, v_day date, v_at timestamp, v_bytes bytea,
      out o_int int, out o_big bigint, out o_dec decimal, out o_text varchar, out o_day date, out o_at timestamp, out o_bytes bytea)
    language plpgsql as $$ begin
      o_int := v_int; o_big := v_big; o_dec := v_dec; o_text := v_text; o_day := v_day; o_at := v_at; o_bytes := v_bytes;
    end $$;
  create procedure advance(inout amount decimal, step decimal, inout note varchar)
    language plpgsql as $$ begin amount := amount + step; note := note || '!'; end $$;
  create function total(a decimal, b decimal) returns decimal language sql as 'select a + b';
  create procedure balances(lowest int, many int, out rows refcursor) language plpgsql as $$ begin
    open rows for select i as id, 'n' || i as name, i + 0.5 as balance, null::int as "Na me"
      from generate_series(lowest, lowest + many - 1) i order by i;
  end $$;
  create procedure statement(account int, out head refcursor, out lines refcursor) language plpgsql as $$ begin
    open head for select 'Owner ' || account as owner;
    open lines for select i as line, i + 0.25 as amount from generate_series(1, account) i order by i;
  end $$;
  create procedure note(what varchar) language plpgsql as $$ begin insert into log values (what); end $$;
  create procedure refuse(what varchar) language plpgsql as $$ begin
    insert into log values (what);
    raise exception 'You owe % EUR', 5 using errcode = 'BK001';
  end $$;
  create procedure twice() language plpgsql as $$ begin
    insert into log values ('twice'); insert into log values ('twice');
  end $$;
  create function unasked(what varchar) returns setof refcursor language plpgsql as $$
    declare one refcursor; two refcursor; begin
      insert into log values (what);
      open one for select 1 as x; return next one;
      open two for select 2 as x; return next two;
    end $$;
  create procedure slow(what varchar) language plpgsql as $$ begin
    insert into log values (what); perform pg_sleep(60);
  end $$;`;

/** Routines find their table by the path that they carry. */
function pinned(name: string): string {
  return `do $$ declare r record; begin
    for r in select p.oid::regprocedure as it, p.prokind as kind from pg_proc p where p.pronamespace = '${name}'::regnamespace loop
      execute format('alter routine %s set search_path = ${name}', r.it);
    end loop; end $$`;
}

/** A new schema with the routines: its name, and the options of a source with their operations. */
export async function withRoutines(): Promise<{ readonly own: string; readonly source: object }> {
  const own = await schema(SQL);
  const client = await connected();
  await client.query(pinned(own));
  await client.end();
  const words = { int: 'integer', text: 'varchar(40)', decimal: 'numeric(11,2)' };
  return {
    own,
    source: {
      ...access,
      schemas: [own],
      readOnly: false,
      collections: {},
      operations: operations((routine) => `${own}.${routine}`, words, true),
    },
  };
}
