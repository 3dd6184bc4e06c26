// Who may do what in the bank: as the configuration says it, and beside it, by hand, what that means for each field and row. The one is what
// is tested; the other knows nothing of it.

import type { Json } from '../../../src/model/value.ts';
import { COLLECTIONS, type Collection, type Row } from './bank.ts';

export type Mask = 'null' | 'lastFour' | 'year' | 'hash';
export type Verb = 'insert' | 'update' | 'upsert' | 'delete';

/** What a role sees and does of one collection. */
export interface Means {
  /** Dotted paths of what is seen, masked or not; left out, all. */
  readonly fields?: readonly string[];
  readonly masks?: Readonly<Record<string, Mask>>;
  readonly rows?: (row: Row, claims: Claims) => boolean;
  readonly writes?: readonly Verb[];
  readonly watch?: boolean;
}

export type Claims = Readonly<Record<string, string>>;

interface Role {
  /** Absent: it is several roles at once. */
  readonly config?: Json;
  readonly of?: readonly string[];
  readonly means: Readonly<Record<string, Means>>;
  readonly operations?: readonly string[];
}

const ownBranch = (row: Row, { branch }: Claims): boolean => row['branch'] === branch;
const OWN_BRANCH = 'branch eq @claims.branch';

export const ROLES = {
  admin: {
    config: { collections: { '*': 'all' }, operations: ['*'] },
    means: {
      customers: {},
      accounts: { writes: ['insert', 'update', 'upsert', 'delete'] },
      postings: { writes: ['insert'] },
      alerts: { writes: ['insert', 'update', 'upsert', 'delete'], watch: true },
      vault: {},
    },
    operations: ['closeDay', 'rateOf'],
  },
  /** A branch, without what is nobody's business there. */
  teller: {
    config: {
      collections: {
        customers: {
          fields: { except: ['ssnNo', 'address.zipNo'] },
          mask: { birth: 'year', phone: 'lastFour', note: 'null' },
          rows: OWN_BRANCH,
        },
        accounts: {
          write: ['update'],
          fields: { except: ['pinNo'] },
          readOnly: ['custId', 'branch'],
          mask: { iban: 'lastFour' },
          rows: OWN_BRANCH,
        },
        postings: { fields: ['id', 'account', 'amount'], rows: 'amount lt 1000' },
        alerts: { fields: { except: ['secretNo'] }, rows: OWN_BRANCH },
      },
      operations: ['rateOf'],
    },
    means: {
      customers: {
        fields: ['custId', 'name', 'branch', 'birth', 'phone', 'address.street', 'note'],
        masks: { birth: 'year', phone: 'lastFour', note: 'null' },
        rows: ownBranch,
      },
      accounts: {
        fields: ['number', 'custId', 'branch', 'balance', 'iban'],
        masks: { iban: 'lastFour' },
        rows: ownBranch,
        writes: ['update'],
      },
      postings: { fields: ['id', 'account', 'amount'], rows: ({ amount }) => Number(amount) < 1000 },
      alerts: { fields: ['id', 'custId', 'branch', 'text'], rows: ownBranch, watch: true },
    },
    operations: ['rateOf'],
  },
  /** Figures without names: no key of anything is seen. */
  analyst: {
    config: {
      collections: {
        customers: { fields: ['name', 'branch', 'birth'], mask: { name: 'hash' } },
        accounts: { fields: ['branch', 'balance'] },
      },
    },
    means: {
      customers: { fields: ['name', 'branch', 'birth'], masks: { name: 'hash' } },
      accounts: { fields: ['branch', 'balance'] },
    },
  },
  /** All but one branch, and what lies in the vault. */
  auditor: {
    config: {
      collections: {
        customers: { fields: { except: ['ssnNo'] }, rows: "not (branch eq 'br-C')" },
        accounts: 'read',
        vault: { fields: ['what'], rows: "not (code eq 'code-1102')" },
      },
    },
    means: {
      customers: {
        fields: ['custId', 'name', 'branch', 'birth', 'phone', 'address.street', 'address.zipNo', 'note'],
        rows: ({ branch }) => branch !== 'br-C',
      },
      accounts: {},
      vault: { fields: ['what'], rows: ({ code }) => code !== 'code-1102' },
    },
  },
  /** Keeps the accounts of a branch. */
  clerk: {
    config: {
      collections: {
        accounts: { write: ['insert', 'update', 'delete'], fields: { except: ['pinNo'] }, rows: OWN_BRANCH },
      },
    },
    means: {
      accounts: {
        fields: ['number', 'custId', 'branch', 'balance', 'iban'],
        rows: ownBranch,
        writes: ['insert', 'update', 'delete'],
      },
    },
  },
  /**
   * Two at once. Where they see other rows than each other, every row is shown as far as both would show it; where one of them sees nothing of a
   * collection, the other decides alone.
   */
  tellerAndAuditor: {
    of: ['teller', 'auditor'],
    means: {
      customers: {
        fields: ['custId', 'name', 'branch', 'birth', 'phone', 'address.street', 'note'],
        masks: { birth: 'year', phone: 'lastFour', note: 'null' },
        rows: (row, claims) => ownBranch(row, claims) || row['branch'] !== 'br-C',
      },
      accounts: { fields: ['number', 'custId', 'branch', 'balance', 'iban'], masks: { iban: 'lastFour' } },
      postings: { fields: ['id', 'account', 'amount'], rows: ({ amount }) => Number(amount) < 1000 },
      alerts: { fields: ['id', 'custId', 'branch', 'text'], rows: ownBranch, watch: true },
      vault: { fields: ['what'], rows: ({ code }) => code !== 'code-1102' },
    },
    operations: ['rateOf'],
  },
  /** Nothing at all. */
  visitor: { config: {}, means: {} },
} as const satisfies Readonly<Record<string, Role>>;

export interface Asker {
  readonly name: string;
  readonly role: keyof typeof ROLES;
  readonly claims: Claims;
}

export const ASKERS: readonly Asker[] = [
  { name: 'admin', role: 'admin', claims: {} },
  { name: 'tellerA', role: 'teller', claims: { branch: 'br-A' } },
  { name: 'tellerB', role: 'teller', claims: { branch: 'br-B' } },
  { name: 'analyst', role: 'analyst', claims: {} },
  { name: 'auditor', role: 'auditor', claims: {} },
  { name: 'tellerAndAuditorC', role: 'tellerAndAuditor', claims: { branch: 'br-C' } },
  { name: 'clerkA', role: 'clerk', claims: { branch: 'br-A' } },
  { name: 'visitor', role: 'visitor', claims: {} },
];

/** Lacks the claim that the rows of a teller are told by. */
export const UNCLAIMED: Asker = { name: 'unclaimed', role: 'teller', claims: {} };

/** As the configuration calls them. */
export function rolesOf({ role }: Asker): readonly string[] {
  const { of = [role] }: Role = ROLES[role];
  return of;
}

export function askerOf(name: string): Asker {
  const found = ASKERS.find((asker) => asker.name === name);
  if (found === undefined) throw new TypeError(`nobody is called ${name}`);
  return found;
}

/** Undefined: the collection does not exist for them. */
export function meansOf({ role }: Asker, collection: string): Means | undefined {
  const means: Readonly<Record<string, Means>> = ROLES[role].means;
  return means[collection];
}

export function operationsOf({ role }: Asker): readonly string[] {
  const { operations = [] }: Role = ROLES[role];
  return operations;
}

/** How a field is seen. */
export type Seen = 'open' | 'hidden' | Mask;

export function seenAs(asker: Asker, { name, fields }: Collection, field: string): Seen {
  const means = meansOf(asker, name);
  if (means === undefined || !(means.fields ?? fields).includes(field)) return 'hidden';
  return means.masks?.[field] ?? 'open';
}

export function fieldsSeen(asker: Asker, collection: Collection): readonly string[] {
  return collection.fields.filter((field) => seenAs(asker, collection, field) !== 'hidden');
}

/** Whether one row can be asked for by its key. */
export function isKeyed(asker: Asker, collection: Collection): boolean {
  return (
    collection.key.length > 0 && collection.key.every((field) => seenAs(asker, collection, field) === 'open')
  );
}

export function rowsSeen(asker: Asker, { name, rows }: Collection): readonly Row[] {
  const means = meansOf(asker, name);
  if (means === undefined) return [];
  return rows.filter((row) => means.rows?.(row, asker.claims) ?? true);
}

/** A relation is seen where both sides are, and the fields that join them. */
export function relationsSeen(asker: Asker, collection: Collection): readonly string[] {
  return Object.entries(collection.relations).flatMap(
    ([
      name,
      {
        to,
        on: [local, remote],
      },
    ]) => {
      const target = COLLECTIONS.find((other) => other.name === to);
      if (target === undefined || meansOf(asker, to) === undefined) return [];
      const joined = seenAs(asker, collection, local) === 'open' && seenAs(asker, target, remote) === 'open';
      return joined ? [name] : [];
    },
  );
}

/** A hash of this value: which text it is only the gateway knows. */
export interface Hashed {
  readonly hashOf: string | number | null;
}

export type Shown = string | number | null | Hashed;

export function shownValue(seen: Seen, value: Row[string]): Shown {
  if (value === null || value === undefined || seen === 'null') return null;
  const text = String(value);
  switch (seen) {
    case 'lastFour':
      return '*'.repeat(Math.max(0, text.length - 4)) + text.slice(-4);
    case 'year':
      return text.slice(0, 4);
    case 'hash':
      return { hashOf: value };
    default:
      return value;
  }
}

/** A row as the asker must see it, by dotted path: only these fields of it. */
export function shownRow(
  asker: Asker,
  collection: Collection,
  row: Row,
  fields = fieldsSeen(asker, collection),
): Readonly<Record<string, Shown>> {
  return Object.fromEntries(
    fields.map((field) => [field, shownValue(seenAs(asker, collection, field), row[field] ?? null)]),
  );
}

/** Words that must not reach the asker: values of hidden and masked fields and of hidden rows that stand nowhere that he sees. */
export function forbiddenWords(asker: Asker): readonly string[] {
  const seen = new Set<string>();
  const all = new Set<string>();
  for (const collection of COLLECTIONS) {
    const visible = new Set(rowsSeen(asker, collection));
    for (const row of collection.rows) {
      for (const field of collection.fields) {
        const word = String(row[field]);
        all.add(word);
        if (visible.has(row) && seenAs(asker, collection, field) === 'open') seen.add(word);
      }
    }
  }
  // Three digits stand in any figure.
  return [...all].filter((word) => word.length > 3 && !seen.has(word));
}

/** Names that are found nowhere but where they are meant. */
const TELLTALE = [
  'ssnNo',
  'zipNo',
  'pinNo',
  'secretNo',
  'remark',
  'custId',
  'iban',
  'SSN-NO',
  'ZIP-NO',
  'CUST-ID',
  'customers',
  'accounts',
  'postings',
  'alerts',
  'vault',
  'accountOf',
  'closeDay',
  'rateOf',
  // Sources.
  'notices',
  'desk',
] as const;

const legacy = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter}`).toUpperCase();

/** Names that do not exist for the asker. */
export function forbiddenNames(asker: Asker): readonly string[] {
  const operations = operationsOf(asker);
  const known = new Set<string>([
    ...operations,
    ...(operations.length > 0 ? ['desk'] : []),
    ...((meansOf(asker, 'alerts') ?? meansOf(asker, 'vault')) ? ['notices'] : []),
  ]);
  for (const collection of COLLECTIONS) {
    if (meansOf(asker, collection.name) === undefined) continue;
    known.add(collection.name);
    for (const name of relationsSeen(asker, collection)) known.add(name);
    for (const field of fieldsSeen(asker, collection)) {
      for (const step of field.split('.')) known.add(step).add(legacy(step));
    }
  }
  return TELLTALE.filter((name) => !known.has(name));
}
