// What PostgreSQL has beyond the suite of procedures: functions as tables, several rows of cursors, overloads, defaults, its own types.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Cell, Fault, type Source, settled, type Value } from '#spi';
import { connected, fault, never, openSource, savedModel, schema, skip } from './server.ts';

const SQL = `
  create type grade as enum ('A', 'B');
  create domain short as varchar(3);
  create table item (id int primary key, price numeric(9,2) not null);
  insert into item values (1, 1.5), (2, 20);

  create function greet(name text, greeting text default 'hello', times int default 1) returns text
    language sql as $$ select repeat(greeting || ' ' || name || '.', times) $$;
  create function unnamed(int, int default 10) returns int language sql as 'select $1 * $2';
  create function "Od""d na.me"("a b" int, "select" int) returns int language sql as 'select $1 - $2';
  create function twin(x int) returns text language sql as $$ select 'int ' || x $$;
  create function twin(x text) returns text language sql as $$ select 'text ' || x $$;
  create function graded(inout g grade, out others grade[], out n numeric) language plpgsql
    as $$ begin others := array['A', g]::grade[]; n := 1.50; end $$;
  create function lists(xs text[], ns int[]) returns text language sql as $$ select xs::text || ns::text $$;
  create function padded(c char, s short, m money, b bit, u uuid, j jsonb) returns text
    language sql as $$ select concat_ws('|', c, s, m::numeric, b, u, j) $$;
  create function prices() returns money[] language sql as $$ select array[1.5::numeric::money] $$;
  create function nothing(a int) returns void language plpgsql as $$ begin perform a; end $$;
  create function items(lowest numeric) returns setof item language sql as 'select * from item where price >= lowest';
  create function listed(n int) returns table (id int, "Na me" text, m money, xs int[], g grade) language sql
    as $$ select i, 'n' || i, 1.5::numeric::money, array[i], 'B'::grade from generate_series(1, n) i $$;
  create function numbers(n int) returns setof int language sql as 'select * from generate_series(1, n)';
  create function record(n int) returns setof record language sql as $$ select i, 'r' || i, 1 from generate_series(1, n) i $$;
  create function opened(n int, closed boolean default false) returns refcursor language plpgsql as $$
    declare c refcursor; begin
      if closed then return null; end if;
      open c for select i as id from generate_series(1, n) i; return c;
    end $$;
  create function several(n int) returns setof refcursor language plpgsql as $$
    declare one refcursor := 'one'; two refcursor := 'tw"o'; begin
      open one for select 1 as id; return next one;
      if n > 1 then open two for select 'x' as t; return next two; end if;
    end $$;
  create procedure half(out kept refcursor, out unread refcursor, out state text) language plpgsql as $$ begin
    open kept for select 1 as id; open unread for select 1; state := 'open';
  end $$;
  create procedure own() language plpgsql as $$ begin insert into item values (3, 3); commit; end $$;
  create function raises(state text) returns int language plpgsql as $$ begin
    raise exception 'secret %', 'text' using errcode = state;
  end $$;
  create function divides(x int) returns int language sql as 'select 1 / x';
  create function sleeps(seconds int) returns int language plpgsql as $$ begin perform pg_sleep(seconds); return 1; end $$;

  create function trigger_it() returns trigger language plpgsql as 'begin return new; end';
  create function anything(x anyelement) returns int language sql as 'select 1';
  create function whole(i item) returns int language sql as 'select 1';
  create function one_item() returns item language sql as 'select * from item limit 1';
  create function row_of() returns record language sql as 'select 1, 2';
  create function any_number(variadic xs int[]) returns int language sql as 'select 1';
  create procedure gives_list(out xs int[]) language plpgsql as 'begin xs := array[1]; end';
  create aggregate adds(int) (sfunc = int4pl, stype = int);`;

/** Calls a routine of the schema by an operation of the same name, with these options. */
function caller(own: string, model: string) {
  return async (
    operations: Readonly<Record<string, object>>,
    readOnly = false,
  ): Promise<{ source: Source; call: (name: string, input?: Record<string, Value>) => Promise<Cell> }> => {
    const named = Object.entries(operations).map(([name, options]) => [
      name,
      { procedure: `${own}.${name}`, ...options },
    ]);
    const source = await openSource({
      model,
      readOnly,
      collections: {},
      operations: Object.fromEntries(named),
      settings: { search_path: own },
    });
    return {
      source,
      call: async (name, input = {}) => {
        const { invoke } = source;
        assert.ok(invoke);
        return settled(await invoke(name, input, { signal: never }));
      },
    };
  };
}

describe('routines of PostgreSQL', { skip }, async () => {
  const own = skip === false ? await schema(SQL) : '';
  const open = caller(own, skip === false ? await savedModel(own) : '');

  it('what is left out has the default of the database, what is null is null', async () => {
    const { source, call } = await open({ greet: {}, unnamed: {} });
    assert.deepEqual(
      source.model.operations[0]?.input.map(({ name, nullable = false }) => [name, nullable]),
      [
        ['name', false],
        ['greeting', true],
        ['times', true],
      ],
    );
    assert.equal(await call('greet', { name: 'x' }), 'hello x.');
    assert.equal(await call('greet', { name: 'x', times: 2 }), 'hello x.hello x.');
    assert.equal(await call('greet', { name: 'x', greeting: null }), null);
    assert.equal(await call('unnamed', { argument1: 2 }), 20);
    assert.equal(await call('unnamed', { argument1: 2, argument2: 3 }), 6);
  });

  it('names are names, whatever stands in them', async () => {
    const { source, call } = await open({
      minus: { procedure: `${own}.Od"d na.me`, arguments: { 'a b': { name: 'first', doc: 'From it' } } },
    });
    assert.equal(await call('minus', { first: 5, select: 3 }), 2);
    assert.deepEqual(source.model.operations[0]?.input[0], {
      name: 'first',
      type: { kind: 'int32' },
      doc: 'From it',
      legacyName: 'a b',
    });
  });

  it('one of several with a name is called by its types', async () => {
    const { call } = await open({
      number: { procedure: `${own}.twin(integer)` },
      text: { procedure: `${own}.TWIN( text )` },
    });
    assert.deepEqual([await call('number', { x: 1 }), await call('text', { x: '1' })], ['int 1', 'text 1']);
    await assert.rejects(open({ twin: {} }), (error) => {
      assert.ok(error instanceof Fault && error.misconfigured);
      assert.match(error.message, /twin\(integer\) or .*twin\(text\)/);
      return true;
    });
  });

  it('types of its own: enumerations, lists, documents, money, padded texts, domains', async () => {
    const { source, call } = await open({ graded: {}, lists: {}, padded: {}, prices: {} });
    assert.deepEqual(source.model.operations[0]?.input[0]?.type, {
      kind: 'enum',
      name: 'Grade',
      values: ['A', 'B'],
    });
    assert.deepEqual(await call('graded', { g: 'B' }), { g: 'B', others: ['A', 'B'], n: '1.50' });
    const xs = ['a', 'b "c" \\', '{}', null, ''];
    assert.equal(await call('lists', { xs, ns: [1, -2] }), '{a,"b \\"c\\" \\\\","{}",NULL,""}{1,-2}');
    const uuid = '00000000-0000-4000-8000-00000000000a';
    const given = { c: 'long text', s: 'abc', m: '12.50', b: '1011', u: uuid, j: { a: [1, 'x'] } };
    assert.equal(await call('padded', given), `long text|abc|12.50|1011|${uuid}|{"a": [1, "x"]}`);
    assert.deepEqual(await call('prices'), ['$1.50']);
    await assert.rejects(call('padded', { ...given, s: 'abcd' }), fault('invalid', 'bad-value'));
    await assert.rejects(call('padded', { ...given, u: 'x' }), fault('invalid', 'bad-value'));
  });

  it('a function that returns nothing answers true', async () => {
    const { call } = await open({ nothing: {} });
    assert.equal(await call('nothing', { a: 1 }), true);
  });

  it('a function that returns a set answers with its rows', async () => {
    const { source, call } = await open({
      items: { effect: 'read' },
      listed: {
        maxRows: 3,
        results: [{ columns: { m: { name: 'money' }, id: { hidden: true }, g: { doc: 'Its grade' } } }],
      },
      numbers: {},
      one: { procedure: `${own}.items`, results: [{ single: true }] },
    });
    assert.deepEqual(
      source.model.operations.map(({ output }) => output.kind),
      ['list', 'list', 'list', 'object'],
    );
    assert.deepEqual(await call('items', { lowest: '2' }), [{ id: 2, price: '20.00' }]);
    assert.deepEqual(await call('listed', { n: 1 }), [{ naMe: 'n1', money: '1.50', xs: [1], g: 'B' }]);
    assert.deepEqual(await call('numbers', { n: 2 }), [{ numbers: 1 }, { numbers: 2 }]);
    assert.deepEqual(await call('one', { lowest: '2' }), { id: 2, price: '20.00' });
    assert.equal(await call('one', { lowest: '100' }), null);
    await assert.rejects(call('one', { lowest: '1' }), fault('upstream', 'not-single'));
    await assert.rejects(call('listed', { n: 4 }), fault('too-costly', 'too-many-rows'));
  });

  it('rows that only the call says are shown as the configuration declares them', async () => {
    const columns = { id: 'int', name: 'varchar(10)', unused: { type: 'int', hidden: true } };
    const { source, call } = await open({
      record: { results: [{ columns }] },
      bare: { procedure: `${own}.record` },
    });
    assert.deepEqual(await call('record', { n: 1 }), [{ id: 1, name: 'r1' }]);
    assert.deepEqual(
      source.model.operations.map(({ name }) => name),
      ['record'],
    );
    assert.match(source.model.remarks?.[0]?.message ?? '', /declare them under `results`/);
    const wrong = await open({
      record: { results: [{ columns: { id: 'int', name: 'int); drop table item; --' } }] },
    });
    await assert.rejects(wrong.call('record', { n: 1 }), fault('invalid', 'bad-type', true));
  });

  it('cursors are read in the transaction of the call, those that nobody declared are left out and said', async () => {
    const { source, call } = await open({
      opened: { results: [{ columns: { ID: 'int' } }], effect: 'read', maxRows: 5 },
      several: {
        results: [{ columns: { id: 'int' } }, { name: 'texts', single: true, columns: { t: 'text' } }],
      },
      half: { results: [{ cursor: 'KEPT', name: 'kept rows'.slice(0, 4), columns: { id: 'int' } }] },
    });
    assert.deepEqual(await call('opened', { n: 2 }), [{ id: 1 }, { id: 2 }]);
    assert.equal(await call('opened', { n: 2, closed: true }), null);
    assert.deepEqual(await call('several', { n: 2 }), { rows: [{ id: 1 }], texts: { t: 'x' } });
    assert.deepEqual(await call('several', { n: 1 }), { rows: [{ id: 1 }], texts: null });
    await assert.rejects(call('opened', { n: 6 }), fault('too-costly', 'too-many-rows'));
    assert.deepEqual(await call('half'), { state: 'open', kept: [{ id: 1 }] });
    assert.match(source.model.remarks?.[0]?.message ?? '', /the rows of "unread" are left out/);
  });

  it('a procedure that commits itself is called outside a transaction where that is declared', async () => {
    const { call } = await open({ own: {}, itself: { procedure: `${own}.own`, transaction: 'own' } });
    await assert.rejects(call('own'), fault('upstream', 'own-transaction'));
    assert.equal(await call('itself'), true);
    const client = await connected();
    const { rows } = await client.query(`delete from ${own}.item where id = 3 returning id`);
    await client.end();
    assert.equal(rows.length, 1);
  });

  it('what code raises on purpose is a refusal or a conflict, whatever its number; other errors stay what they are', async () => {
    const { call } = await open({ raises: {}, divides: {} });
    const raised = async (state: string) => {
      try {
        await call('raises', { state });
      } catch (error) {
        assert.ok(error instanceof Fault);
        assert.doesNotMatch(JSON.stringify([error.message, error.sourceFault]), /secret/);
        return [error.kind, error.code, error.sourceFault?.code];
      }
      return assert.fail('it raises');
    };
    assert.deepEqual(await raised('P0001'), ['rejected', 'raised', 'P0001']);
    assert.deepEqual(await raised('XY123'), ['rejected', 'raised', 'XY123']);
    assert.deepEqual(await raised('28000'), ['rejected', 'raised', '28000']);
    assert.deepEqual(await raised('57P01'), ['rejected', 'raised', '57P01']);
    assert.deepEqual(await raised('23505'), ['conflict', 'duplicate', '23505']);
    await assert.rejects(call('divides', { x: 0 }), (error) => {
      assert.ok(error instanceof Fault);
      assert.deepEqual([error.kind, error.code, error.sourceFault], ['rejected', 'bad-value', undefined]);
      return true;
    });
  });

  it('nobody knows what became of a call that writes when its connection is lost; one that reads may be repeated', async () => {
    for (const [effect, wanted] of [
      ['write', /^upstream outcome-unknown$/],
      ['read', /^unavailable (?:connection-lost|shutting-down)$/],
    ] as const) {
      const { source, call } = await open({ sleeps: { effect } });
      const calling = call('sleeps', { seconds: 60 });
      calling.catch(() => {});
      const client = await connected();
      const sql = `select pg_terminate_backend(pid) from pg_stat_activity where state = 'active' and query like '%"${own}"."sleeps"%' and pid <> pg_backend_pid()`;
      for (let i = 0; i < 100; i++) {
        const { rows } = await client.query(sql);
        if (rows.length > 0) break;
        await setTimeout(20);
      }
      await client.end();
      await assert.rejects(calling, (error) => {
        assert.ok(error instanceof Fault);
        assert.match(`${error.kind} ${error.code}`, wanted);
        return true;
      });
      assert.equal(await call('sleeps', { seconds: 0 }), 1);
      await source[Symbol.asyncDispose]();
    }
  });

  it('a source that only reads has no operations that write, and what it has cannot write', async () => {
    await assert.rejects(open({ nothing: {} }, true), (error) => {
      assert.ok(error instanceof Fault && error.misconfigured);
      assert.match(error.message, /Operation "nothing": it writes/);
      assert.match(error.place.hint ?? '', /readOnly: false/);
      return true;
    });
    const { call } = await open(
      { own: { effect: 'read', transaction: 'own' }, items: { effect: 'read' } },
      true,
    );
    await assert.rejects(call('own'), fault('unsupported', 'read-only'));
    assert.equal(((await call('items', { lowest: '0' })) as readonly Cell[]).length, 2);
  });

  it('what cannot be called is asked for in vain, with the reason', async () => {
    for (const [name, reason] of [
      ['trigger_it', /called by the server alone \(returns trigger\)/],
      ['anything', /its parameter "x" is of the pseudo-type anyelement/],
      ['whole', /its parameter "i" is of the composite type/],
      ['one_item', /it returns a value of the composite type/],
      ['row_of', /it returns a row without declared columns/],
      ['any_number', /takes any number of values \(variadic\)/],
      ['gives_list', /its parameter "xs" is of the type integer\[\]/],
      ['adds', /an aggregate: it needs rows/],
    ] as const) {
      await assert.rejects(open({ [name]: {} }), (error) => {
        assert.ok(error instanceof Fault && error.misconfigured, name);
        assert.match(error.message, reason);
        return true;
      });
    }
  });
});
