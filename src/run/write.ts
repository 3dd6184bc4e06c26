// Knows: how changes are carried out: checked against the catalog, then handed to the one source that has their collections.
// Must not know: facades, adapters.

import { Fault, toFault } from '../fault.ts';
import type { Catalog, CatalogCollection } from '../model/catalog.ts';
import { didYouMean } from '../model/naming.ts';
import { fieldAt, mayBeLeftOut, typeText } from '../model/type.ts';
import type { Policy } from '../policy.ts';
import { type Change, checkNumber, notWritten, unknownField, writtenFields } from '../query/change.ts';
import { type Misfit, misfit } from '../query/fit.ts';
import { shown } from '../query/literal.ts';
import type { Write } from '../query/request.ts';
import type { Source } from '../spi.ts';

export interface WriteParts {
  readonly catalog: Catalog;
  readonly policy: Policy;
  /** The source, guarded. Throws `unavailable` while it could not be opened. */
  source(name: string): Source;
}

/** Faults of one change of several say which: `record`, the first is 1. */
export function createWrite({ catalog, policy, source }: WriteParts): Write {
  return async (changes, { signal, undertaking }) => {
    checkNumber(changes.length, policy);
    const collections = changes.map((change, i) =>
      inPlace(changes.length, i, () => checkChange(change, catalog)),
    );
    const [first] = collections;
    if (first === undefined) return [];
    const other = collections.find((collection) => collection.source !== first.source);
    if (other !== undefined) throw severalSources(first, other);
    try {
      const found = source(first.source);
      if (found.write === undefined) throw unclaimed(first, 'written');
      return await found.write(changes, { signal, ...(undertaking === undefined ? {} : { undertaking }) });
    } catch (error) {
      if (signal.aborted) throw error;
      const place = changes.length === 1 ? { collection: first.name } : {};
      throw toFault(error).at({ source: first.source, ...place });
    }
  };
}

/** Throws `unsupported` for what the collection does not claim and `invalid` for values that it does not take. */
function checkChange(change: Change, catalog: Catalog): CatalogCollection {
  const collection = catalog.collections.get(change.collection);
  if (collection === undefined) {
    const hint = didYouMean(change.collection, catalog.collections.keys());
    throw new Fault('not-found', `There is no collection ${shown(change.collection)}.${hint}`);
  }
  const { name, key, fields, writes = [] } = collection;
  const { verb, values, expected = {} } = change;
  if (!writes.includes(verb)) throw unclaimed(collection, PARTICIPLES[verb]);
  if (verb !== 'insert' && change.key?.length !== key.length) {
    throw new Fault('invalid', `A row of "${name}" is named by ${key.join(', ')}`, {
      code: 'bad-key',
      collection: name,
    });
  }
  const written = writtenFields(collection, verb);
  for (const field of Object.keys(values)) {
    if (!written.some((candidate) => candidate.name === field)) throw notWritten(collection, field, verb);
  }
  for (const field of written) {
    const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined;
    if (value === undefined && !mayBeLeftOut(field))
      throw missing(collection, field.name, typeText(field.type));
    if (value === null && field.nullable !== true) throw notNull(collection, field.name);
    const unfit = misfit(field.type, value ?? null, field.name);
    if (unfit !== undefined) throw notFitting(collection, unfit);
  }
  if (verb === 'update' && Object.keys(values).length === 0) {
    throw new Fault('invalid', 'Nothing is to be changed', { code: 'no-values', collection: name });
  }
  const unknown = Object.keys(expected).find((field) => fieldAt(fields, field) === undefined);
  if (unknown !== undefined) throw unknownField(collection, unknown);
  return collection;
}

const PARTICIPLES = {
  insert: 'inserted',
  update: 'updated',
  upsert: 'replaced',
  delete: 'deleted',
} as const;

function unclaimed({ name }: CatalogCollection, participle: string): Fault {
  return new Fault('unsupported', `Rows of "${name}" cannot be ${participle}`, {
    code: 'not-writable',
    collection: name,
  });
}

function missing({ name }: CatalogCollection, field: string, hint: string): Fault {
  return new Fault('invalid', `"${field}" is missing`, {
    code: 'missing-value',
    collection: name,
    field,
    hint,
  });
}

function notNull({ name }: CatalogCollection, field: string): Fault {
  return new Fault('invalid', `"${field}" must not be null`, { code: 'bad-value', collection: name, field });
}

/** Cut or rounded by some sources, refused by others: refused here for all. */
function notFitting({ name }: CatalogCollection, { code, path, text }: Misfit): Fault {
  return new Fault('invalid', `"${path}" ${text}`, { code, collection: name, field: path });
}

function severalSources(first: CatalogCollection, other: CatalogCollection): Fault {
  return new Fault(
    'unsupported',
    `"${first.name}" and "${other.name}" are in different sources: no transaction spans both`,
    { code: 'several-sources', collection: other.name },
  );
}

/** The fault of a change with its number, where there are several. */
function inPlace<T>(of: number, i: number, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (of === 1 || !(error instanceof Fault)) throw error;
    throw error.at({ record: i + 1 });
  }
}
