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
import { isMasked, maskedField } from '../query/masked.ts';
import type { Write } from '../query/request.ts';
import { traceOf } from '../query/trace.ts';
import type { Source } from '../spi.ts';
import { comparable } from './comparable.ts';
import { type RuledChange, writeOwnRows } from './own-rows.ts';
import { faultFor, type Seeing, type Seen, seenBy } from './seen.ts';

export interface WriteParts extends Seeing {
  readonly policy: Policy;
  /** The source, guarded. Throws `unavailable` while it could not be opened. */
  source(name: string): Source;
}

/** Faults of one change of several say which: `record`, the first is 1. */
export function createWrite({ policy, source, ...seeing }: WriteParts): Write {
  return async (changes, context) => {
    const { signal, undertaking } = context;
    const seen = seenBy(seeing, context);
    checkNumber(changes.length, policy);
    const place = <T>(i: number, check: () => T): T => inPlace(changes.length, i, check);
    const collections = changes.map((change, i) => place(i, () => checkChange(change, seen.catalog)));
    const [first] = collections;
    if (first === undefined) return [];
    const other = collections.find((collection) => collection.source !== first.source);
    if (other !== undefined) throw severalSources(first, other);
    try {
      const found = source(first.source);
      const { write } = found;
      if (write === undefined) throw unclaimed(first, 'written');
      const ruled = changes.map((change, i) => place(i, () => ruledChange(change, seeing.catalog, seen)));
      const outcomes = await writeOwnRows(ruled, {
        source: found,
        policy,
        signal,
        trace: traceOf(context),
        inPlace: place,
        carryOut: (checked) =>
          write.call(found, checked, {
            signal,
            ...traceOf(context),
            ...(undertaking === undefined ? {} : { undertaking }),
          }),
      });
      // A key that is not seen is not told, either.
      return outcomes.map((outcome, i) =>
        collections[i]?.hiddenKey === undefined ? outcome : { ...outcome, key: [] },
      );
    } catch (error) {
      if (signal.aborted) throw error;
      const fault = toFault(error);
      const named = changes.length === 1 ? { collection: first.name } : {};
      const of = fault.place.collection ?? collections[(fault.place.record ?? 1) - 1]?.name ?? first.name;
      throw faultFor(seen.showing(of), fault).at({ source: first.source, ...named });
    }
  };
}

/** The change as the source compares and checks it. */
function ruledChange(change: Change, catalog: Catalog, seen: Seen): RuledChange {
  const whole = catalog.collections.get(change.collection);
  const shown = seen.catalog.collections.get(change.collection);
  if (whole === undefined || shown === undefined) throw new Fault('internal', 'A collection has gone');
  const rows = seen.rowsOf(change.collection);
  const { expected } = change;
  if (expected === undefined || whole === shown) return { change, whole, rows };
  return { change: { ...change, expected: comparable(expected, shown, whole) }, whole, rows };
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
  const masked = Object.keys(expected).find((field) => isMasked(fields, field));
  if (masked !== undefined) throw maskedField(masked, { parameter: 'expected', collection: name });
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
