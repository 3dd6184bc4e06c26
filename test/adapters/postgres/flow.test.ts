// Rows of large values: they wait in the socket and on the server until the reader takes them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Fault } from '#spi';
import type { Driver, StoredRow } from '../../../adapters/sql/driver.ts';
import { open, rowsOf, terminate, until } from './driving.ts';
import { fault, never, schema, skip } from './server.ts';

const ROWS = 200;
/** More than a group may hold. */
const LARGE = "repeat('x', 1100000)";
const WAYS = [
  ['all rows at once', { atMost: ROWS }],
  ['in portions', {}],
] as const;

const last = async (driver: Driver, own: string) =>
  Number((await rowsOf(driver, `select last_value from ${own}.s`))[0]?.[0]);
const pidOf = async (driver: Driver) => (await rowsOf(driver, 'select pg_backend_pid()'))[0]?.[0];

describe('rows of large values of PostgreSQL', { skip }, () => {
  for (const [way, bound] of WAYS) {
    const large = {
      sql: `select i, ${LARGE} from generate_series(1, ${ROWS}) g(i)`,
      parameters: [],
      ...bound,
    };

    it(`${way}: the server makes no more than fits between it and a reader who takes his time`, async () => {
      const own = await schema('create sequence s');
      const { driver } = open({ readOnly: false });
      const sql = `select nextval('${own}.s'), ${LARGE} from generate_series(1, ${ROWS})`;
      let taken = 0;
      for await (const rows of driver.stream({ sql, parameters: [], ...bound }, never)) {
        assert.equal(rows.length, 1);
        if (++taken < 3) continue;
        let made = await last(driver, own);
        for (let before = 0; made > before; made = await last(driver, own)) {
          before = made;
          await setTimeout(200);
        }
        assert.ok(made < ROWS / 4, `${made} rows`);
        break;
      }
      assert.equal(taken, 3);
    });

    it(`${way}: every row comes once and in its order, whatever it weighs`, async () => {
      const { driver } = open({ max: 1 });
      const sql = `select i, repeat('x', case when i % 50 = 0 then 2000000 else i * 7919 % 90000 end) from generate_series(1, ${ROWS}) g(i)`;
      const rows = await rowsOf(driver, sql, never, bound);
      const weights = (row: StoredRow) => [row[0], String(row[1]).length];
      assert.deepEqual(
        rows.map(weights),
        Array.from({ length: ROWS }, (_, at) => {
          const i = at + 1;
          return [String(i), i % 50 === 0 ? 2_000_000 : (i * 7919) % 90_000];
        }),
      );
    });

    it(`${way}: who leaves in the middle, or is aborted there, frees the connection`, async () => {
      const { driver, name } = open({ max: 1 });
      const pid = await pidOf(driver);
      for await (const rows of driver.stream(large, never)) {
        assert.equal(rows.length, 1);
        await until(name, ['active']);
        break;
      }
      await until(name, ['idle']);
      assert.equal(await pidOf(driver), pid);

      const stop = new AbortController();
      const reason = new Error('the client left');
      await assert.rejects(
        async () => {
          for await (const _ of driver.stream(large, stop.signal)) stop.abort(reason);
        },
        (error) => error === reason,
      );
      await until(name, ['idle']);
      assert.equal(await pidOf(driver), pid);
    });

    it(`${way}: an error in the middle is told after rows that came before it, and the connection is used again`, async () => {
      const { driver } = open({ max: 1 });
      const pid = await pidOf(driver);
      const sql = `select 1 / (i - 50), ${LARGE} from generate_series(1, ${ROWS}) g(i)`;
      let seen = 0;
      const reading = (async () => {
        for await (const rows of driver.stream({ sql, parameters: [], ...bound }, never)) seen += rows.length;
      })();
      await assert.rejects(reading, (error) => fault('rejected', 'bad-value')(driver.fault(error)));
      assert.ok(seen > 0 && seen < 50, `${seen} rows`);
      assert.equal(await pidOf(driver), pid);
    });

    it(`${way}: a connection that is lost while its rows wait is a fault, and the next statement has a new one`, async () => {
      const { driver, name } = open({ max: 1 });
      let seen = 0;
      const reading = (async () => {
        for await (const rows of driver.stream(large, never)) {
          if (seen === 0) {
            await until(name, ['active']);
            await terminate(name);
            await until(name, []);
          }
          seen += rows.length;
        }
      })();
      await assert.rejects(reading, (error) => {
        const told = driver.fault(error);
        assert.ok(told instanceof Fault);
        assert.equal(told.kind, 'unavailable');
        return true;
      });
      assert.ok(seen < ROWS);
      assert.deepEqual(await rowsOf(driver, 'select 1'), [['1']]);
    });

    it(`${way}: who has the last rows has no connection any more`, async () => {
      const { driver } = open({ max: 1 });
      const sql = `select i, ${LARGE} from generate_series(1, 3) g(i)`;
      let seen = 0;
      for await (const rows of driver.stream({ sql, parameters: [], ...bound }, never)) {
        seen += rows.length;
        if (seen === 3) assert.deepEqual(await rowsOf(driver, 'select 1'), [['1']]);
      }
      assert.equal(seen, 3);
    });
  }
});
