// The routines of the suite of procedures, in the language of MariaDB and MySQL.

import { operations } from '../../conformance/procedures.ts';
import { access, database } from './server.ts';

const SQL = `
  create table log (what varchar(100) primary key) collate utf8mb4_bin;
  create procedure echo(v_int int, v_big bigint, v_dec decimal(30,10), v_text varchar(4000), v_day date, v_at datetime(6), v_bytes varbinary(4000),
      out o_int int, out o_big bigint, out o_dec decimal(30,10), out o_text varchar(4000), out o_day date, out o_at datetime(6), out o_bytes varbinary(4000))
    begin
      set o_int = v_int, o_big = v_big, o_dec = v_dec, o_text = v_text, o_day = v_day, o_at = v_at, o_bytes = v_bytes;
    end;
  create procedure advance(inout amount decimal(11,2), step decimal(11,2), inout note varchar(100))
    begin set amount = amount + step, note = concat(note, '!'); end;
  create function total(a decimal(11,2), b decimal(11,2)) returns decimal(12,2) deterministic return a + b;
  create procedure balances(lowest int, many int)
    with recursive i(id) as (select lowest where many > 0 union all select id + 1 from i where id < lowest + many - 1)
    select id, concat('n', id) as name, id + 0.5 as balance, cast(null as int) as \`Na me\` from i order by id;
  create procedure statement(account int) begin
    select concat('Owner ', account) as owner;
    with recursive i(line) as (select 1 union all select line + 1 from i where line < account)
    select line, line + 0.25 as amount from i order by line;
  end;
  create procedure note(what varchar(100)) insert into log values (what);
  create procedure refuse(what varchar(100)) begin
    insert into log values (what);
    signal sqlstate '45000' set message_text = 'You owe 5 EUR';
  end;
  create procedure twice() begin insert into log values ('twice'); insert into log values ('twice'); end;
  create procedure unasked(what varchar(100)) begin
    insert into log values (what);
    select 1 as x; select 2 as x;
  end;
  create procedure slow(what varchar(100)) begin insert into log values (what); do sleep(60); end;`;

/** A new database with the routines: its name, and the options of a source with their operations. */
export async function withRoutines(): Promise<{ readonly own: string; readonly source: object }> {
  const own = await database(SQL);
  const words = { int: 'int', text: 'varchar(40)', decimal: 'decimal(11,2)' };
  return {
    own,
    source: {
      ...access,
      database: own,
      readOnly: false,
      collections: {},
      settings: { max_recursive_iterations: 1_000_000 },
      operations: operations((routine) => `${own}.${routine}`, words, false),
    },
  };
}
