import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { folderWith } from '../config/written.ts';
import { ACCOUNT_CPY, ACCOUNT_LENGTH, accountJson, accounts, damage, overpunchOn } from './accounts.ts';
import { MAIN } from './overpunch.ts';

const lines = (...numbers: readonly number[]): string => numbers.map((i) => `${accountJson(i)}\n`).join('');

/** A folder with the copybook and a file of three accounts, and the words of a command line about them. */
function three(files: Readonly<Record<string, string | Uint8Array>> = {}) {
  const folder = folderWith({ 'a.cpy': ACCOUNT_CPY, ACCOUNTS: accounts(3), ...files });
  const at = (name: string): string => join(folder, name);
  return { folder, at, base: ['convert', '--copybook', at('a.cpy')] };
}

describe('convert', { concurrency: 4 }, () => {
  it('writes NDJSON to standard output unless it is told otherwise', async () => {
    const { at, base } = three();
    assert.deepEqual(await overpunchOn([...base, at('ACCOUNTS')]), { code: 0, out: lines(1, 2, 3), err: '' });
  });

  it('reads standard input behind a dash, packed or not', async () => {
    const { base } = three();
    for (const stdin of [accounts(3), gzipSync(accounts(3))]) {
      assert.deepEqual(await overpunchOn([...base, '-'], { stdin }), {
        code: 0,
        out: lines(1, 2, 3),
        err: '',
      });
    }
  });

  it('names a gzip that is cut off', async () => {
    const packed = gzipSync(accounts(300));
    const { at, base } = three({ 'ACCOUNTS.gz': packed.subarray(0, packed.length - 20) });
    const { code, err } = await overpunchOn([...base, at('ACCOUNTS.gz')]);
    assert.equal(code, 1);
    assert.match(err, /gzip file is cut off/);
  });

  it('writes one JSON array, of no rows too', async () => {
    const { at, base } = three({ NONE: '' });
    const { out } = await overpunchOn([...base, '--to', 'json', at('ACCOUNTS')]);
    assert.deepEqual(JSON.parse(out), JSON.parse(`[${accountJson(1)},${accountJson(2)},${accountJson(3)}]`));
    const none = await overpunchOn([...base, '--to', 'json', at('NONE')]);
    assert.deepEqual(JSON.parse(none.out), []);
    const some = await overpunchOn([...base, '--to', 'json', '--where', 'acctNo eq 3', at('ACCOUNTS')]);
    assert.deepEqual(JSON.parse(some.out), [JSON.parse(accountJson(3))]);
  });

  it('writes CSV with dotted columns and doubled quotes', async () => {
    const { at, base } = three();
    const { out } = await overpunchOn([...base, '--to', 'csv', '--limit', '1', at('ACCOUNTS')]);
    assert.equal(
      out,
      'acctNo,owner.first,owner.last,balance,kind,savings,current\r\n1,F1,"L""1",-1.50,S,true,false\r\n',
    );
  });

  it('shows the selected fields of the records that match', async () => {
    const { at, base } = three();
    const asked = ['--select', 'owner.first,balance', '--where', 'savings eq true and balance lt -2'];
    const { out } = await overpunchOn([...base, ...asked, at('ACCOUNTS')]);
    assert.equal(out, '{"owner":{"first":"F3"},"balance":"-3.50"}\n');
  });

  it('gives the output its name when it is complete', async () => {
    const { folder, at, base } = three({ 'out.ndjson': 'old' });
    const { code, out } = await overpunchOn([...base, '-o', at('out.ndjson'), at('ACCOUNTS')]);
    assert.deepEqual([code, out], [0, '']);
    assert.equal(readFileSync(at('out.ndjson'), 'utf8'), lines(1, 2, 3));
    assert.deepEqual(readdirSync(folder).toSorted(), ['ACCOUNTS', 'a.cpy', 'out.ndjson']);
  });

  it('names an output that is a folder or in none, and leaves nothing behind', async () => {
    const { folder, at, base } = three();
    mkdirSync(at('folder'));
    for (const [out, told] of [
      [at('folder'), /^Cannot write .*folder: it is a folder\n$/],
      [at('none/out'), /^Cannot write .*none\/out: there is no such file or folder\n$/],
      [at('ACCOUNTS/out'), /^Cannot write .*ACCOUNTS\/out: a part of the path is no folder\n$/],
    ] as const) {
      const { code, err } = await overpunchOn([...base, '-o', out, at('ACCOUNTS')]);
      assert.equal(code, 1);
      assert.match(err, told);
    }
    assert.deepEqual(readdirSync(folder).toSorted(), ['ACCOUNTS', 'a.cpy', 'folder']);
  });

  it('writes the file behind a link, and who may read it stays', async () => {
    const { at, base } = three({ private: 'old' });
    chmodSync(at('private'), 0o600);
    symlinkSync('private', at('link'));
    const { code } = await overpunchOn([...base, '-o', at('link'), at('ACCOUNTS')]);
    assert.equal(code, 0);
    assert.equal(readFileSync(at('private'), 'utf8'), lines(1, 2, 3));
    assert.equal(statSync(at('private')).mode & 0o777, 0o600);
    assert.ok(lstatSync(at('link')).isSymbolicLink());
  });

  it('removes what it has not finished when it is interrupted, though nothing comes from standard input', async () => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const { folder, at, base } = three();
      // Standard input stays open: the conversion waits for more.
      const child = spawn(process.execPath, [MAIN, ...base, '-o', at('out'), '-']);
      while (!readdirSync(folder).some((name) => name.endsWith('.part'))) {
        assert.equal(child.exitCode, null);
        // As soon as the file is there, not a moment later.
        await setImmediate();
      }
      child.kill(signal);
      await once(child, 'close');
      assert.equal(child.signalCode, signal);
      assert.deepEqual(readdirSync(folder).toSorted(), ['ACCOUNTS', 'a.cpy']);
    }
  });

  it('does not let the rejects take the place of the input or the output', async () => {
    const { at, base } = three();
    for (const words of [
      ['--rejects', at('ACCOUNTS')],
      ['--rejects', at('out'), '-o', at('out')],
      ['--rejects', '-'],
    ]) {
      const { code, err } = await overpunchOn([...base, ...words, at('ACCOUNTS')]);
      assert.equal(code, 2);
      assert.match(err, /^--rejects \S+ needs a file of its own\./);
    }
    assert.deepEqual(readFileSync(at('ACCOUNTS')), Buffer.from(accounts(3)));
  });

  it('names the nearest path inside a group', async () => {
    const { at, base } = three();
    const { code, err } = await overpunchOn([...base, '--select', 'owner.frist', at('ACCOUNTS')]);
    assert.equal(code, 1);
    assert.equal(err, 'There is no field "owner.frist". Did you mean "owner.first"?\n');
  });

  it('stops at a bad record with record, field, offset and bytes; the old output stays', async () => {
    const { folder, at, base } = three({ ACCOUNTS: damage(accounts(3), 2), 'out.ndjson': 'old' });
    const { code, err } = await overpunchOn([...base, '-o', at('out.ndjson'), at('ACCOUNTS')]);
    assert.equal(code, 1);
    assert.match(err, /ACCOUNTS: record 2, field balance, offset 45: .*bytes 12 34 AC 00/s);
    assert.equal(readFileSync(at('out.ndjson'), 'utf8'), 'old');
    assert.deepEqual(readdirSync(folder).toSorted(), ['ACCOUNTS', 'a.cpy', 'out.ndjson']);
    assert.equal(
      (await overpunchOn([...base, at('ACCOUNTS')])).out,
      lines(1),
      'what is before it is written',
    );
  });

  it('puts bad records into a file and goes on, exit code 3', async () => {
    const bad = damage(accounts(3), 2);
    const { at, base } = three({ ACCOUNTS: bad });
    const { code, out, err } = await overpunchOn([...base, '--rejects', at('bad.ndjson'), at('ACCOUNTS')]);
    assert.equal(code, 3);
    assert.equal(out, lines(1, 3));
    assert.match(err, /^1 record is bad and stands in .*bad\.ndjson\n$/);
    const { message, ...told } = JSON.parse(readFileSync(at('bad.ndjson'), 'utf8'));
    assert.match(message, /balance/);
    assert.deepEqual(told, {
      record: 2,
      byteOffset: 45,
      code: 'bad-packed-digit',
      field: 'balance',
      hex: bad
        .subarray(ACCOUNT_LENGTH, 2 * ACCOUNT_LENGTH)
        .toHex()
        .toUpperCase(),
    });
  });

  it('follows the policies of the flags', async () => {
    const { at, base } = three({ ACCOUNTS: damage(accounts(2), 2) });
    const { code, out } = await overpunchOn([
      ...[...base, '--field', 'BALANCE:on-bad=null', '--field', 'KIND:conditions=enum'],
      ...['--select', 'balance,kind', at('ACCOUNTS')],
    ]);
    assert.equal(code, 0);
    assert.equal(out, '{"balance":"-1.50","kind":"SAVINGS"}\n{"balance":null,"kind":"CURRENT"}\n');
  });

  it('refuses a file that ends within a record, with the offset', async () => {
    const { at, base } = three({ ACCOUNTS: accounts(3).subarray(0, 70) });
    const { code, err } = await overpunchOn([...base, at('ACCOUNTS')]);
    assert.equal(code, 1);
    assert.match(err, /record 3.*offset 52/s);
  });

  it('ends quietly when its reader closes the pipe', async () => {
    const { at, base } = three({ ACCOUNTS: accounts(60_000) });
    for (const jobs of ['1', '2']) {
      const { code, err } = await overpunchOn([...base, '--jobs', jobs, at('ACCOUNTS')], {
        closeAfter: 1000,
      });
      assert.deepEqual([code, err], [0, ''], `${jobs} jobs`);
    }
  });

  it('leaves nothing behind where the rejects cannot be written', async () => {
    const { folder, at, base } = three();
    const { code, err } = await overpunchOn([
      ...[...base, '--rejects', at('none/bad'), '-o', at('out'), at('ACCOUNTS')],
    ]);
    assert.equal(code, 1);
    assert.match(err, /^Cannot write .*none\/bad/);
    assert.deepEqual(readdirSync(folder).toSorted(), ['ACCOUNTS', 'a.cpy']);
  });

  const failures: readonly (readonly [rule: string, args: readonly string[], told: RegExp])[] = [
    ['an input that is not there', ['none'], /^Cannot read none: there is no such file or folder/],
    ['a folder as input', ['.'], /^\. is a folder/],
    ['an output in a folder that is not there', ['-o', 'none/out', 'ACCOUNTS'], /^Cannot write none\/out/],
    [
      'a charset that is not there, with the nearest',
      ['--charset', 'cp073', 'ACCOUNTS'],
      /no charset "cp073"/,
    ],
    [
      'a field that is not there, with the nearest',
      ['--select', 'balanec', 'ACCOUNTS'],
      /Did you mean "balance"/,
    ],
    [
      'a field of a filter, with the nearest',
      ['--where', 'knid eq 1', 'ACCOUNTS'],
      /"knid".*Did you mean "kind"/,
    ],
    ['a record that is not there', ['--record', 'ACOUNT', 'ACCOUNTS'], /Did you mean "ACCOUNT"/],
  ];
  for (const [rule, args, toldBy] of failures) {
    it(`names ${rule}, exit code 1`, async () => {
      const { folder, base } = three();
      const { code, out, err } = await overpunchOn([...base, ...args], { cwd: folder });
      assert.match(err, toldBy);
      assert.deepEqual([code, out], [1, '']);
    });
  }

  const misuses: readonly (readonly [rule: string, args: readonly string[], told: RegExp])[] = [
    ['no input', [], /^IN is missing\./],
    ['a second input', ['a', 'b'], /^"b" was not expected here\./],
    [
      'a word that a flag does not know',
      ['--format', 'VBA', 'x'],
      /^--format takes .*not "VBA"\. Did you mean "VB"\?/,
    ],
    ['a target that is none', ['--to', 'ndjsn', 'x'], /^--to takes .*Did you mean "ndjson"\?/],
    ['a number that is none', ['--limit', 'x', 'x'], /^--limit must be a whole number/],
    ['no jobs', ['--jobs', '0', 'x'], /^--jobs must be at least 1/],
    [
      'a record format of rows',
      ['--from', 'csv', '--format', 'V', 'x'],
      /^--format is about the records of IN/,
    ],
    ['an unknown form', ['--to', 'yaml', 'x'], /^--to takes ndjson, json, csv, record, not "yaml"\. "/],
    ['a selection of nothing', ['--select', ',', 'a.cpy'], /^A path of --select is empty\./],
    ['rows into rows', ['--from', 'csv', '--to', 'json', 'x'], /^--from csv goes with --to record only/],
    [
      'a selection of a record',
      ['--to', 'record', '--select', 'a', 'x'],
      /^--select does not go with --to record/,
    ],
    [
      'a setting that is none',
      ['--field', 'KIND:trimm=none', 'x'],
      /no setting "trimm"\. Did you mean "trim"\?/,
    ],
  ];
  for (const [rule, args, toldBy] of misuses) {
    it(`refuses ${rule}, exit code 2`, async () => {
      const { base } = three();
      const { code, out, err } = await overpunchOn([...base, ...args]);
      assert.match(err, toldBy);
      assert.deepEqual([code, out], [2, '']);
    });
  }
});

describe('convert with several jobs', () => {
  const COUNT = 340_000;
  const file = accounts(1000);
  const many = new Uint8Array(COUNT * ACCOUNT_LENGTH);
  for (let at = 0; at < many.length; at += file.length) many.set(file, at);

  it('writes the same bytes in the same order, whatever the format and the form', async () => {
    const { at, base } = three({ ACCOUNTS: many });
    const vb = ['--to', 'record', '--to-format', 'VB', '-o', at('VB')];
    assert.equal((await overpunchOn([...base, ...vb, at('ACCOUNTS')])).code, 0);
    const ways = [[at('ACCOUNTS')], ['--to', 'json', at('ACCOUNTS')], ['--format', 'VB', at('VB')]];
    for (const way of ways) {
      const [alone, together] = await Promise.all(
        ['1', '2'].map(async (jobs) => {
          const { code, err } = await overpunchOn([...base, ...way, '--jobs', jobs, '-o', at(`out${jobs}`)]);
          assert.deepEqual([code, err], [0, ''], way.join(' '));
          return readFileSync(at(`out${jobs}`));
        }),
      );
      assert.ok(alone !== undefined && together !== undefined && alone.equals(together), way.join(' '));
      assert.ok(alone.length > 40 * COUNT);
    }
  });

  it('tells the first of two bad records, and rejects both in their order', async () => {
    const bad = damage(damage(many.slice(), 150_000), 300_000);
    const { at, base } = three({ ACCOUNTS: bad });
    const failed = await overpunchOn([...base, '--jobs', '2', '-o', at('out'), at('ACCOUNTS')]);
    assert.equal(failed.code, 1);
    assert.match(failed.err, /record 150000, field balance/);
    const { code } = await overpunchOn([
      ...[...base, '--jobs', '2', '--rejects', at('bad'), '-o', at('out'), at('ACCOUNTS')],
    ]);
    assert.equal(code, 3);
    const rejects = readFileSync(at('bad'), 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      rejects.map((line) => JSON.parse(line).record),
      [150_000, 300_000],
    );
    assert.equal(readFileSync(at('out'), 'utf8').split('\n').length - 1, COUNT - 2);
  });

  it('names a block that is damaged, as one job does', async () => {
    const { at, base } = three({ ACCOUNTS: many });
    const vb = ['--to', 'record', '--to-format', 'VB', '-o', at('VB'), '--limit', '300000'];
    await overpunchOn([...base, ...vb, at('ACCOUNTS')]);
    const blocks = readFileSync(at('VB'));
    // The descriptor word of a record in the middle of the file.
    const rdw = blocks.indexOf(Buffer.from([0, 30, 0, 0]), 6_000_000);
    blocks.writeUInt16BE(3, rdw);
    writeFileSync(at('VB'), blocks);
    const [alone, together] = await Promise.all(
      ['1', '2'].map((jobs) =>
        overpunchOn([...base, '--format', 'VB', '--jobs', jobs, '-o', at(`o${jobs}`), at('VB')]),
      ),
    );
    assert.equal(alone?.code, 1);
    assert.match(alone.err, new RegExp(`offset ${rdw}`));
    assert.deepEqual(together, alone);
  });
});

describe('convert to records', { concurrency: 4 }, () => {
  it('makes the same file again of its NDJSON and its CSV', async () => {
    const { at, base } = three();
    for (const form of ['ndjson', 'csv']) {
      await overpunchOn([...base, '--to', form, '-o', at(form), at('ACCOUNTS')]);
      const { code, err } = await overpunchOn([...base, '--from', form, '-o', at('AGAIN'), at(form)]);
      assert.deepEqual([code, err], [0, ''], form);
      assert.deepEqual(new Uint8Array(readFileSync(at('AGAIN'))), accounts(3), form);
    }
  });

  it('changes the framing and nothing else', async () => {
    const { at, base } = three();
    await overpunchOn([...base, '--to', 'record', '--to-format', 'V', '-o', at('V'), at('ACCOUNTS')]);
    const expected = Array.from({ length: 3 }, (_, i) =>
      Buffer.concat([Buffer.from([0, ACCOUNT_LENGTH + 4, 0, 0]), accounts(3).subarray(i * 26, i * 26 + 26)]),
    );
    assert.deepEqual(readFileSync(at('V')), Buffer.concat(expected));
    const { out } = await overpunchOn([...base, '--format', 'V', at('V')]);
    assert.equal(out, lines(1, 2, 3));
  });

  const bad: readonly (readonly [rule: string, from: string, text: string, told: RegExp])[] = [
    ['a number that is too large', 'ndjson', '{"acctNo":1}\n{"acctNo":123456}\n', /line 2, field acctNo/],
    [
      'a field that is not there',
      'ndjson',
      '{"acctNr":1}\n',
      /line 1, field acctNr.*: .*Did you mean "acctNo"/,
    ],
    [
      'a value of another type',
      'ndjson',
      '{"acctNo":"x"}\n',
      /^standard input: line 1, field acctNo, offset 0: "x" is no value of "acctNo"/,
    ],
    [
      'a number that is too large for any type',
      'ndjson',
      '{"acctNo":1e999}\n',
      /line 1, field acctNo, offset 0: Infinity is no value/,
    ],
    ['a line that is no JSON', 'ndjson', '{"acctNo":1\n', /line 1, offset 0: The line is no JSON/],
    ['a quote amid a cell', 'csv', 'acctNo,kind\n1,"S"x\n', /line 2, offset 12: A quote stands amid a cell/],
    [
      'a row with a cell too many',
      'csv',
      'acctNo,kind\n1,S\n2,S,x\n',
      /line 3, offset 16: The row has 3 cells/,
    ],
  ];
  it('refuses a table whose heading has a column twice or other separators', async () => {
    const { base } = three();
    for (const [text, told] of [
      ['acctNo,acctNo\n1,2\n', /^The heading of the table names "acctNo" twice\n$/],
      ['acctNo;kind\n1;S\n', /separated by commas/],
    ] as const) {
      const { code, err } = await overpunchOn([...base, '--from', 'csv', '-'], { stdin: text });
      assert.equal(code, 1);
      assert.match(err, told);
    }
  });

  it('takes the charset of text where the output is text', async () => {
    const { folder } = three({ 't.cpy': '       01 R.\n          05 A PIC X(3).\n' });
    const base = ['convert', '--copybook', join(folder, 't.cpy'), '--from', 'ndjson', '--to-format', 'text'];
    const { out } = await overpunchOn([...base, '-'], { stdin: '{"a":"ü"}\n' });
    assert.equal(out, 'ü \n');
  });

  for (const [rule, from, text, toldBy] of bad) {
    it(`names ${rule} with its line`, async () => {
      const { base } = three();
      const { code, err } = await overpunchOn([...base, '--from', from, '-'], { stdin: text });
      assert.match(err, toldBy);
      assert.equal(code, 1);
    });
  }

  it('takes a CSV cell with line ends in quotes, and a last line without an end', async () => {
    const { at, base } = three();
    const csv = 'acctNo,owner.last\r\n7,"a""b\nc"\r\n8,d';
    await overpunchOn([...base, '--from', 'csv', '-o', at('AGAIN'), '-'], { stdin: csv });
    const { out } = await overpunchOn([...base, '--select', 'acctNo,owner.last', at('AGAIN')]);
    assert.equal(out, '{"acctNo":7,"owner":{"last":"a\\"b\\nc"}}\n{"acctNo":8,"owner":{"last":"d"}}\n');
  });
});

describe('convert with copybooks', () => {
  it('finds what COPY names in the folders of --copy', async () => {
    const folder = folderWith({ 'main.cpy': '       COPY ACCT.\n', ACCOUNTS: accounts(1) });
    mkdirSync(join(folder, 'lib'));
    writeFileSync(join(folder, 'lib', 'acct.cpy'), ACCOUNT_CPY);
    const args = ['convert', '--copybook', join(folder, 'main.cpy'), '--copy', join(folder, 'lib')];
    const { code, out } = await overpunchOn([...args, join(folder, 'ACCOUNTS')]);
    assert.deepEqual([code, out], [0, lines(1)]);
  });

  it('reads several record types as a union', async () => {
    const folder = folderWith({
      't.cpy': `       01  HEAD.
           05  KIND   PIC X.
           05  TITLE  PIC X(5).
       01  LINE-REC.
           05  KIND   PIC X.
           05  AMOUNT PIC 9(5).
`,
      T: Buffer.from('HHELLOL00042L00043'),
    });
    const { code, out, err } = await overpunchOn([
      ...['convert', '--copybook', join(folder, 't.cpy'), '--charset', 'ascii', '--type', "HEAD=kind eq 'H'"],
      ...['--type', 'LINE-REC=otherwise', join(folder, 'T')],
    ]);
    assert.equal(err, '');
    assert.equal(code, 0);
    assert.deepEqual(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
      [
        { record: { '@type': 'HEAD', kind: 'H', title: 'HELLO' } },
        { record: { '@type': 'LINE-REC', kind: 'L', amount: 42 } },
        { record: { '@type': 'LINE-REC', kind: 'L', amount: 43 } },
      ],
    );
  });
});
