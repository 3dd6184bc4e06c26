import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { folderWith } from '../config/written.ts';
import { overpunch } from './overpunch.ts';

const root = join(import.meta.dirname, '..', '..');

const BANK = `sources:
  core:
    adapter: memory
    collections:
      customers:
        key: [custId]
        fields: { custId: int64, name: string }
        rows: [{ custId: "1", name: Ann }]
      branches:
        fields: { code: string }
        rows: []
`;

describe('the command line', () => {
  const misuses: readonly (readonly [rule: string, args: readonly string[], told: RegExp])[] = [
    ['without a command shows all of them', [], /^Usage: overpunch COMMAND.*serve .*check /s],
    [
      'that names no command gets the nearest',
      ['srve'],
      /^There is no command "srve"\. Did you mean "serve"\? /,
    ],
    [
      'that begins with an unknown flag gets the nearest',
      ['--hlp'],
      /^There is no flag "--hlp"\. Did you mean "--help"\?/,
    ],
    [
      'with an unknown flag gets the nearest',
      ['serve', '-c', 'x', '--prot', '80'],
      /^There is no flag "--prot"\. Did you mean "--port"\?/,
    ],
    ['with an unknown letter is refused', ['check', '-x'], /^There is no flag "-x"\./],
    ['without a flag that must be there names it', ['check'], /^-c, --config FILE is missing\./],
    [
      'with a flag without its value says so',
      ['serve', '-c', '--port', '80'],
      /^-c needs a value: -c FILE\./,
    ],
    ['with a flag without its value at the end says so', ['check', '--config'], /^--config needs a value/],
    ['with a value for a flag that has none says so', ['check', '--help=yes'], /^--help takes no value\./],
    ['with a flag twice says so', ['check', '-c', 'a', '--config', 'b'], /^--config is given twice\./],
    ['with a word too many says so', ['check', 'a.yaml'], /^"a\.yaml" was not expected here\./],
    [
      'with a port that is none says so',
      ['serve', '-c', 'x', '--port', '65536'],
      /^--port must be a whole number/,
    ],
  ];
  for (const [rule, args, told] of misuses) {
    it(`${rule}, exit code 2`, async () => {
      const { code, out, err } = await overpunch(args);
      assert.match(err, told);
      assert.equal(out, '');
      assert.equal(code, 2);
    });
  }

  it('tells the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.deepEqual(await overpunch(['--version']), { code: 0, out: `${version}\n`, err: '' });
  });

  it('has a help of its own and one for each command', async () => {
    const all = await overpunch(['--help']);
    assert.equal(all.code, 0);
    assert.match(all.out, /Usage: overpunch COMMAND/);
    const one = await overpunch(['serve', '--help']);
    assert.equal(one.code, 0);
    assert.match(one.out, /^Usage: overpunch serve -c FILE \[--port N\] \[--host H\] \[--no-watch\]\n/);
    assert.match(one.out, /-c, --config FILE {2}The configuration/);
  });

  it('takes a PORT of the environment that is none for a mistake of its caller', async () => {
    const { code, err } = await overpunch(['serve', '-c', 'x'], { PORT: 'http' });
    assert.match(err, /^The environment variable PORT must be a whole number from 0 to 65535\./);
    assert.equal(code, 2);
  });
});

describe('check', () => {
  it('says one line for each source when all is well', async () => {
    const folder = folderWith({ 'c.yaml': BANK });
    assert.deepEqual(await overpunch(['check', '-c', join(folder, 'c.yaml')]), {
      code: 0,
      out: 'core (memory): up, 2 collections: customers, branches\n',
      err: '',
    });
  });

  it('says what clients may change, by source', async () => {
    const folder = folderWith({});
    const file = new DatabaseSync(join(folder, 'l.sqlite'));
    file.exec('create table a (id integer primary key, t text); create table b (id integer primary key)');
    file.close();
    const collections =
      '{ as: { table: a, writes: [insert, update] }, bs: { table: b }, cs: { table: b, writes: [delete] } }';
    const source = `{ adapter: sqlite, file: l.sqlite, readOnly: false, collections: ${collections} }`;
    writeFileSync(join(folder, 'c.yaml'), `${BANK}  ledger: ${source}\n`);
    const { out } = await overpunch(['check', '-c', join(folder, 'c.yaml')]);
    assert.deepEqual(out.trimEnd().split('\n'), [
      'core (memory): up, 2 collections: customers, branches',
      'ledger (sqlite): up, 3 collections: as, bs, cs',
      'ledger: writable: as (insert, update), cs (delete)',
    ]);
  });

  it('lists every problem of the file and ends with 1', async () => {
    const file = join(
      folderWith({ 'c.yaml': `${BANK}server: { prot: 1 }\npolicy: { pag: {} }\n` }),
      'c.yaml',
    );
    const { code, out, err } = await overpunch(['check', '-c', file]);
    assert.equal(code, 1);
    assert.equal(out, '');
    assert.deepEqual(err.split('\n'), [
      `${file}:12:11 server.prot: unknown key "prot". Did you mean "port"?`,
      `${file}:13:11 policy.pag: unknown key "pag". Did you mean "page"?`,
      '2 problems',
      '',
    ]);
  });

  const catalog: readonly (readonly [rule: string, more: string, told: RegExp])[] = [
    [
      'a collection that two sources offer',
      '  twin: { adapter: memory, collections: { customers: { fields: { a: string }, rows: [] } } }\n',
      /:12:54 sources\.twin\.collections\.customers: .*already offered by source "core"/,
    ],
    [
      'a key field that is not there, with the nearest',
      '  more: { adapter: memory, collections: { loans: { key: [loanNo], fields: { loanNr: string }, rows: [] } } }\n',
      /:12:57 sources\.more\.collections\.loans\.key: .*"loanNo".*Did you mean "loanNr"/,
    ],
    [
      'a relation to a collection that is not there, with the nearest',
      'relations:\n  customers.home: { to: branchs, on: { custId: code } }\n',
      /:13:25 relations\."customers\.home"\.to: .*"branchs".*Did you mean "branches"/,
    ],
    [
      'a relation over a field that is not there, with the nearest',
      'relations:\n  customers.home: { to: branches, on: { nam: code } }\n',
      /:13:46 relations\."customers\.home"\.on\.nam: .*no field "nam".*Did you mean "name"/,
    ],
    [
      'a relation over different types',
      'relations:\n  customers.home:\n    to: branches\n    on: { custId: code }\n',
      /:15:19 relations\."customers\.home"\.on\.custId: .*int64.*string/,
    ],
    [
      'a relation whose name is taken',
      'relations:\n  customers.name:\n    to: branches\n    on: { name: code }\n',
      /:13:3 relations\."customers\.name": .*already has a field "name"/,
    ],
  ];
  for (const [rule, more, told] of catalog) {
    it(`names ${rule}, where it stands; serve refuses to start with the same words`, async () => {
      const file = join(folderWith({ 'c.yaml': BANK + more }), 'c.yaml');
      const checked = await overpunch(['check', '-c', file]);
      assert.equal(checked.code, 1);
      assert.match(checked.err, told);
      const served = await overpunch(['serve', '-c', file, '--port', '0'], { OVERPUNCH_LOG: 'silent' });
      assert.deepEqual(served, checked);
    });
  }

  it('takes a source that is down for a warning', async () => {
    const folder = folderWith({
      'c.yaml': `${BANK}  files:
    adapter: file
    collections:
      rates: { path: none.txt, parseMap: rates.json, key: [code] }
`,
      'rates.json': JSON.stringify([{ type: 'string', name: 'code', start: 0, width: 3 }]),
    });
    const { code, out, err } = await overpunch(['check', '-c', join(folder, 'c.yaml')]);
    assert.equal(err, '');
    assert.equal(code, 0);
    assert.match(
      out,
      /^core \(memory\): up, .*\nwarning: files \(file\): down, 1 collection: rates; .*none\.txt/,
    );
  });

  it('repeats the words of an adapter at the collection that they are about', async () => {
    const folder = folderWith({
      'c.yaml': `sources:
  files:
    adapter: file
    collections:
      rates: { path: a, copybook: rates.cpy, charset: cp037 }
`,
      'rates.cpy': '       01  RATE.\n           05  CODE PCI X(3).\n',
    });
    const { code, err } = await overpunch(['check', '-c', join(folder, 'c.yaml')]);
    assert.equal(code, 1);
    assert.match(err, /c\.yaml:5:14 sources\.files\.collections\.rates: .*rates\.cpy.*\n/);
    assert.match(err, /\n {4}.*05 {2}CODE PCI X\(3\)\.\n {4} +\^/, 'the line of the copybook with a caret');
  });
});
