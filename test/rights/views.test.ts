// What of a catalog roles see: collections, fields, relations, verbs, operations.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memorySource } from '../../adapters/memory/memory.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import { type Field, fieldAt, type ObjectType, selectableAt } from '../../src/model/type.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { createRights } from '../../src/rights/create-rights.ts';
import { createExecute } from '../../src/run/run.ts';
import { bank, caller, contextOf, itemsIn, list, rightsOver, rolesOf } from './bank.ts';

const { catalog } = bank();

function viewOf(roles: Readonly<Record<string, unknown>>, names: readonly string[] = Object.keys(roles)) {
  return rightsOver(catalog, roles).viewOf(caller(names));
}

function collectionIn(view: ReturnType<typeof viewOf>, name: string) {
  return view.catalog.collections.get(name) ?? assert.fail(`no ${name}`);
}

const names = (items: Iterable<{ readonly name: string }>): readonly string[] =>
  [...items].map(({ name }) => name);

describe('what roles see of a catalog', () => {
  it('what no role grants is not there: collections, operations, relations to them', () => {
    const view = viewOf({ r: { collections: { customers: 'read' }, operations: ['score'] } });
    assert.deepEqual([...view.catalog.collections.keys()], ['customers']);
    assert.deepEqual([...view.catalog.operations.keys()], ['score']);
    assert.deepEqual([...collectionIn(view, 'customers').relations.keys()], []);
    assert.equal(collectionIn(view, 'customers').writes, undefined);
  });

  it('* is what is said of all that is not named, and a name takes its place', () => {
    const view = viewOf({
      r: { collections: { '*': 'all', accounts: { read: false }, notes: 'read' }, operations: ['*'] },
    });
    assert.deepEqual([...view.catalog.collections.keys()], ['customers', 'notes', 'quotes']);
    assert.deepEqual([...view.catalog.operations.keys()], ['score', 'rate']);
    assert.deepEqual([...collectionIn(view, 'customers').relations.keys()], ['notes', 'quotes']);
  });

  it('a caller without roles, or with roles that do not exist, sees nothing', () => {
    const rights = rightsOver(catalog, { r: { collections: { '*': 'all' } } });
    assert.equal(rights.viewOf(caller([])).catalog.collections.size, 0);
    assert.equal(rights.viewOf(caller(['constructor', 'x'])).catalog.collections.size, 0);
  });

  it('the same roles in any order are the same view, with a name of its own', () => {
    const rights = rightsOver(catalog, { a: {}, b: {}, c: {} });
    const view = rights.viewOf(caller(['b', 'a']));
    assert.equal(view, rights.viewOf(caller(['a', 'b', 'a', 'unknown'])));
    assert.equal(view.name, 'a+b');
    assert.notEqual(rights.viewOf(caller(['a'])).name, view.name);
  });

  it('fields are dotted inside groups and lists of groups; what is left keeps its place and its type names', () => {
    const { fields } = collectionIn(
      viewOf({ r: { collections: { customers: { fields: ['id', 'address.city', 'phones.kind'] } } } }),
      'customers',
    );
    assert.deepEqual(names(fields), ['id', 'address', 'phones']);
    assert.equal(fieldAt(fields, 'address.zip'), undefined);
    assert.equal(selectableAt(fields, 'phones.number'), undefined);
    assert.ok(selectableAt(fields, 'phones.kind'));
    const address = fieldAt(fields, 'address')?.type;
    const before = fieldAt(catalog.collections.get('customers')?.fields ?? [], 'address')?.type;
    assert.ok(address?.kind === 'object' && before?.kind === 'object');
    assert.equal(address.name, before.name);
  });

  it('except hides, and a group of which nothing is left is gone', () => {
    const { fields } = collectionIn(
      viewOf({
        r: { collections: { customers: { fields: { except: ['ssn', 'address.city', 'address.zip'] } } } },
      }),
      'customers',
    );
    assert.deepEqual(names(fields), ['id', 'branch', 'name', 'born', 'phones']);
  });

  it('where anything is hidden or masked, other readings of the same bytes are hidden unless they are named', () => {
    const seen = (grant: unknown) =>
      names(collectionIn(viewOf({ r: { collections: { customers: grant } } }), 'customers').fields);
    assert.ok(seen('read').includes('ssnDigits'));
    assert.ok(!seen({ fields: { except: ['name'] } }).includes('ssnDigits'));
    assert.ok(!seen({ mask: { ssn: 'lastFour' } }).includes('ssnDigits'));
    assert.ok(seen({ fields: ['id', 'ssnDigits'] }).includes('ssnDigits'));
  });

  it('a masked field is a text that may be null and cannot be written; masked to null it keeps its type', () => {
    const { fields } = collectionIn(
      viewOf({
        r: {
          collections: { customers: { mask: { ssn: 'lastFour', born: 'null', 'phones.number': 'hash' } } },
        },
      }),
      'customers',
    );
    assert.deepEqual(fieldAt(fields, 'ssn'), {
      name: 'ssn',
      type: { kind: 'string' },
      nullable: true,
      readOnly: true,
      mask: 'lastFour',
    });
    assert.equal(fieldAt(fields, 'born')?.type.kind, 'date');
    assert.equal(selectableAt(fields, 'phones.number')?.mask, 'hash');
  });

  it('relations are there only where every field that they join is seen openly on both sides', () => {
    const relations = (customers: unknown, accounts: unknown) => [
      ...collectionIn(viewOf({ r: { collections: { customers, accounts } } }), 'customers').relations.keys(),
    ];
    assert.deepEqual(relations('read', 'read'), ['accounts']);
    assert.deepEqual(relations('read', { fields: { except: ['custId'] } }), []);
    assert.deepEqual(relations('read', { mask: { custId: 'hash' } }), []);
    assert.deepEqual(relations({ mask: { id: 'hash' } }, 'read'), []);
  });

  it('a key that is hidden or masked in part is no key: no single rows, no change of a row, no watching', () => {
    for (const grant of [{ fields: { except: ['id'] } }, { mask: { id: 'lastFour' } }]) {
      const { key, hiddenKey, writes, watchable } = collectionIn(
        viewOf({ r: { collections: { customers: { ...grant, write: ['update', 'upsert', 'delete'] } } } }),
        'customers',
      );
      assert.deepEqual(key, []);
      assert.deepEqual(hiddenKey, [{ field: 'id', type: { kind: 'int32' } }]);
      assert.equal(writes, undefined);
      assert.equal(watchable, undefined);
    }
  });

  it('a verb is there only where the role can give everything that it needs', () => {
    const writes = (grant: object) =>
      collectionIn(
        viewOf({
          r: { collections: { customers: { write: ['insert', 'update', 'upsert', 'delete'], ...grant } } },
        }),
        'customers',
      ).writes;
    assert.deepEqual(writes({}), ['insert', 'update', 'upsert', 'delete']);
    // A name must be given, an address need not.
    assert.deepEqual(writes({ readOnly: ['name'] }), ['update', 'delete']);
    assert.deepEqual(writes({ readOnly: ['address'] }), ['insert', 'update', 'delete']);
    assert.deepEqual(writes({ fields: { except: ['address.zip'] } }), ['insert', 'update', 'delete']);
    assert.deepEqual(writes({ mask: { ssn: 'hash' } }), ['insert', 'update', 'delete']);
    assert.deepEqual(writes({ write: ['delete'] }), ['delete']);
    // Its source takes no more.
    assert.deepEqual(collectionIn(viewOf({ r: { collections: { accounts: 'all' } } }), 'accounts').writes, [
      'insert',
      'update',
    ]);
  });

  it('fields that may not be written are read-only', () => {
    const { fields } = collectionIn(
      viewOf({
        r: {
          collections: {
            customers: { write: ['update'], readOnly: ['ssn'], fields: { except: ['address.zip'] } },
          },
        },
      }),
      'customers',
    );
    const readOnly = names(fields.filter((field) => field.readOnly === true));
    assert.deepEqual(readOnly, ['ssn', 'address']);
  });

  it('what may be written by one verb only is written by none, where the verbs differ', () => {
    const view = viewOf({
      a: { collections: { customers: { write: ['insert'] } } },
      b: { collections: { customers: { write: ['update'], readOnly: ['ssn'] } } },
    });
    const { fields, writes } = collectionIn(view, 'customers');
    assert.deepEqual(writes, ['insert', 'update']);
    assert.equal(fieldAt(fields, 'ssn')?.readOnly, true);
  });

  it('a collection that may be watched need not be for every role', () => {
    assert.equal(
      collectionIn(viewOf({ r: { collections: { customers: 'read' } } }), 'customers').watchable,
      true,
    );
    assert.equal(
      collectionIn(viewOf({ r: { collections: { customers: { watch: false } } } }), 'customers').watchable,
      undefined,
    );
  });

  it('what the rows of a role give, nobody need ask for; what the role does not see, nobody can', () => {
    const roles = {
      own: { collections: { quotes: { fields: ['price'], rows: 'custId eq @claims.cust' } } },
    };
    assert.equal(collectionIn(viewOf(roles), 'quotes').required, undefined);
    const { problems } = createRights(
      catalog,
      rolesOf({ r: { collections: { quotes: { fields: ['price'] } } } }),
    );
    assert.deepEqual(
      problems.map(({ path }) => path.join('.')),
      ['roles.r.collections.quotes'],
    );
  });
});

describe('a type of a schema that is used in several places, or contains itself', () => {
  const fields: Field[] = [{ name: 'name', type: { kind: 'string' } }];
  const node: ObjectType = { kind: 'object', name: 'Node', shared: true, fields };
  fields.push({ name: 'parent', type: node, nullable: true });
  const source = memorySource([
    {
      name: 'trees',
      key: ['id'],
      fields: [
        { name: 'id', type: { kind: 'int32' } },
        { name: 'own', type: node },
        { name: 'other', type: node },
      ],
      rows: [
        {
          id: 1,
          own: { name: 'a', parent: { name: 'b', parent: null } },
          other: { name: 'c', parent: { name: 'd', parent: null } },
        },
      ],
    },
  ]);
  const built = buildCatalog([{ source: 'a', ...source.model }], []).catalog;

  it('has another name where something of it is hidden, and stays what it is elsewhere', async () => {
    const rights = rightsOver(built, {
      r: {
        collections: { trees: { fields: { except: ['own.parent.name'] }, mask: { 'own.name': 'null' } } },
      },
    });
    const shown = rights.viewOf(caller(['r'])).catalog.collections.get('trees') ?? assert.fail();
    const types = shown.fields.map(({ type }) => ('name' in type ? type.name : type.kind));
    assert.equal(new Set(types).size, 3);
    assert.equal(types[2], 'Node');
    assert.equal(fieldAt(shown.fields, 'own.parent.name'), undefined);
    assert.ok(fieldAt(shown.fields, 'other.parent.name'));
    const execute = createExecute({ catalog: built, policy: DEFAULT_POLICY, rights, source: () => source });
    const result = await execute(list('trees', ['own', 'other']), contextOf(caller(['r'])));
    const [item] = await itemsIn(result);
    assert.deepEqual(item?.row['own'], { name: null, parent: { parent: null } });
    assert.deepEqual(item?.row['other'], { name: 'c', parent: { name: 'd', parent: null } });
  });
});

describe('several roles', () => {
  const both = (a: unknown, b: unknown) =>
    collectionIn(
      viewOf({ a: { collections: { customers: a } }, b: { collections: { customers: b } } }),
      'customers',
    );

  it('of the same rows, see what any of them sees, under the weakest mask, and write what any may', () => {
    for (const rows of [undefined, "branch eq @claims.branch and name ne 'X'"]) {
      const of = rows === undefined ? {} : { rows };
      const seen = both(
        { ...of, fields: ['id', 'name', 'born'], mask: { born: 'null' }, write: ['delete'] },
        {
          ...(rows === undefined ? {} : { rows: rows.replace(' and', '  and') }),
          fields: ['id', 'ssn', 'address.city', 'born'],
          mask: { ssn: 'hash', born: 'year' },
        },
      );
      assert.deepEqual(names(seen.fields), ['id', 'name', 'ssn', 'born', 'address']);
      assert.equal(fieldAt(seen.fields, 'ssn')?.mask, 'hash');
      assert.equal(fieldAt(seen.fields, 'born')?.mask, 'year');
      assert.equal(fieldAt(seen.fields, 'address.zip'), undefined);
      assert.deepEqual(seen.writes, ['delete']);
    }
  });

  it('of different rows, see only what all of them see, under the stricter mask, and write what all may', () => {
    const seen = both(
      {
        rows: "branch eq 'N'",
        fields: { except: ['born'] },
        mask: { ssn: 'lastFour', name: 'hash' },
        write: ['update', 'delete'],
      },
      {
        rows: "branch eq 'S'",
        mask: { ssn: 'hash', name: 'hash' },
        write: ['insert', 'update'],
        readOnly: ['branch'],
      },
    );
    assert.equal(fieldAt(seen.fields, 'born'), undefined);
    // Neither of two roles shows what the other does.
    assert.equal(fieldAt(seen.fields, 'ssn')?.mask, 'null');
    assert.equal(fieldAt(seen.fields, 'name')?.mask, 'hash');
    assert.deepEqual(seen.writes, ['update']);
    assert.equal(fieldAt(seen.fields, 'branch')?.readOnly, true);
  });

  it('a role that has all rows and everything else of another makes the other irrelevant', () => {
    const view = viewOf({
      a: { collections: { customers: 'all' } },
      b: { collections: { customers: { rows: 'branch eq @claims.branch', fields: ['id'] } } },
    });
    assert.equal(collectionIn(view, 'customers').fields.length, 8);
    assert.deepEqual(view.rowsOf('customers', caller(['a', 'b'])), []);
  });

  it('a role that does not grant a collection takes nothing away', () => {
    const view = viewOf({
      a: { collections: { customers: 'all' } },
      b: { collections: { accounts: 'read' } },
    });
    assert.equal(collectionIn(view, 'customers').fields.length, 8);
    assert.deepEqual([...collectionIn(view, 'customers').relations.keys()], ['accounts']);
  });
});

describe('mistakes in roles', () => {
  const problemsOf = (role: unknown, absent: readonly string[] = []) =>
    createRights(catalog, rolesOf({ r: role }), {
      absent: new Set(absent),
      complete: absent.length === 0,
    }).problems.map(({ path, message }) => `${path.slice(2).join('.')}: ${message}`);

  it('are told at their place with the nearest word', () => {
    assert.deepEqual(
      problemsOf({
        collections: {
          custmers: 'read',
          customers: {
            fields: ['id', 'adress.city', 'address.town'],
            readOnly: ['nam'],
            mask: { ssm: 'hash', born: 'lastFour', address: 'null', name: 'hash' },
            rows: 'brnch eq 1',
          },
        },
        operations: ['scor'],
      }),
      [
        'collections.custmers: There is no collection "custmers". Did you mean "customers"?',
        'collections.customers.fields.1: "customers" has no field "adress.city". Did you mean "address.city"?',
        'collections.customers.fields.2: "customers" has no field "address.town". Did you mean "address.city"?',
        'collections.customers.mask.ssm: "customers" has no field "ssm". Did you mean "ssn"?',
        'collections.customers.mask.born: "born" is not among the fields of the role, so there is nothing to mask',
        'collections.customers.mask.address: "address" is not among the fields of the role, so there is nothing to mask',
        'collections.customers.mask.name: "name" is not among the fields of the role, so there is nothing to mask',
        'collections.customers.readOnly.0: "customers" has no field "nam". Did you mean "name"?',
        'collections.customers.rows: There is no field "brnch". Did you mean "branch"? (at character 0 of the filter)',
        'operations.0: There is no operation "scor". Did you mean "score"?',
      ],
    );
  });

  it('a mask must fit its type, and groups have none', () => {
    assert.deepEqual(
      problemsOf({
        collections: {
          customers: { mask: { born: 'lastFour', name: 'year', address: 'null', phones: 'null' } },
        },
      }),
      [
        'collections.customers.mask.born: "born" is date and takes the masks year, hash, null',
        'collections.customers.mask.name: "name" is string and takes the masks lastFour, hash, null',
        'collections.customers.mask.address: "address" is object CustomerAddress, of which nothing can be masked: leave it out, or mask what is in it',
        'collections.customers.mask.phones: "phones" is list of object CustomerPhones, of which nothing can be masked: leave it out, or mask what is in it',
      ],
    );
  });

  it('what may not be read can neither be written nor watched', () => {
    assert.equal(problemsOf({ collections: { customers: { read: false, write: ['insert'] } } }).length, 1);
    assert.equal(problemsOf({ collections: { customers: { read: false, watch: true } } }).length, 1);
    assert.equal(problemsOf({ collections: { customers: { read: false } } }).length, 0);
  });

  it('of all collections nothing can be said that is about fields', () => {
    assert.deepEqual(
      problemsOf({ collections: { '*': { fields: ['id'], mask: { id: 'hash' }, rows: 'id eq 1' } } }).map(
        (text) => text.split(':')[0],
      ),
      ['collections.*.fields', 'collections.*.rows', 'collections.*.mask'],
    );
  });

  it('a grant with a mistake grants nothing', () => {
    const { rights } = createRights(
      catalog,
      rolesOf({ r: { collections: { customers: { fields: { except: ['sn'] } } } } }),
    );
    assert.equal(rights.viewOf(caller(['r'])).catalog.collections.size, 0);
  });

  it('what is said of a source that could not be asked is believed', () => {
    assert.deepEqual(
      problemsOf({ collections: { loans: { fields: ['x'] } }, operations: ['lend'] }, ['loans']),
      [],
    );
  });
});
