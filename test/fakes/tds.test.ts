// The stand-in for SQL Server, asked by a client that is none of ours: FreeTDS.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { after, describe, it } from 'node:test';
import { skipUnless } from '../skip.ts';
import { standIn } from './tds/server.ts';

const hasTsql = spawnSync('tsql', ['-C']).status === 0;
const LOGIN = { user: 'sa', password: 'Secret-1', database: 'bank' } as const;

const server = await standIn(LOGIN);
after(() => server[Symbol.asyncDispose]());
server.run(
  "create table t (id int not null primary key, name varchar(40) not null, amount decimal(9,2), at datetime2(3), wide nvarchar(40)); insert into t values (1, 'Müller', 12.5, '2024-02-29T10:00:00.5', N'Ж'), (2, 'b', null, null, null)",
);

/** What the client prints of the answers to the statements, and its errors. */
async function tsql(password: string, ...statements: readonly string[]) {
  const { user, database } = LOGIN;
  const login = ['-H', '127.0.0.1', '-p', String(server.port), '-U', user, '-P', password, '-D', database];
  const client = spawn('tsql', login, { env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  client.stdin.on('error', () => {});
  client.stdin.end(`${statements.map((statement) => `${statement}\ngo\n`).join('')}exit\n`);
  const [out, errors, code] = await Promise.all([
    client.stdout.setEncoding('utf8').toArray(),
    client.stderr.setEncoding('utf8').toArray(),
    new Promise<number | null>((resolve) => client.on('close', resolve)),
  ]);
  const lines = out
    .join('')
    .split('\n')
    .map((line: string) => line.replace(/^(?:\d+> )+/, ''));
  return { lines, errors: errors.join(''), code };
}

describe('the stand-in for SQL Server', {
  skip: skipUnless(hasTsql, 'tsql (FreeTDS) is not installed'),
}, () => {
  it('lets FreeTDS log in and answers its queries', async () => {
    const { lines, code } = await tsql(
      LOGIN.password,
      'select id, name, amount, at, wide from t order by id desc',
      "select count(*) as n from dbo.t where name = N'MÜLLER  '",
      "insert into t values (3, N'c', -0.01, null, null)",
      'select top (1) amount from t order by amount desc',
    );
    assert.equal(code, 0);
    const shown = lines.filter((line: string) => line.includes('\t') || /^(?:n|\d|12|\(\d)/.test(line));
    assert.deepEqual(shown, [
      'id\tname\tamount\tat\twide',
      '2\tb\tNULL\tNULL\tNULL',
      '1\tMüller\t12.50\tFeb 29 2024 10:00AM\tЖ',
      '(2 rows affected)',
      'n',
      '1',
      '(1 row affected)',
      '12.50',
      '(1 row affected)',
    ]);
  });

  it('tells it errors by their numbers', async () => {
    const { errors } = await tsql(
      LOGIN.password,
      'select nothing from t',
      'select id from nowhere',
      "insert into t values (1, 'x', null, null, null)",
    );
    assert.deepEqual(
      [...errors.matchAll(/Msg (\d+) /g)].map(([, number]) => number),
      ['207', '208', '2627'],
    );
  });

  it('refuses a wrong password', async () => {
    const { errors, code } = await tsql('wrong');
    assert.match(errors, /Msg 18456 /);
    assert.notEqual(code, 0);
  });
});
