// Knows: what one configured collection is: its codec, its records, its key, its place in the model.
// Must not know: the data. The text of a copybook or parse map is handed in, so nothing is read here.

import type { Codec } from '#codec/compile/compile';
import type { FixedFraming, Framing } from '#codec/framing/framing';
import { framingOf } from '#codec/framing/framing-of';
import type { Layout } from '#codec/layout';
import { type Collection, didYouMean, type Field, fieldAt, isComparable, type Operand, typeText } from '#spi';
import { type IndexOf, KEY_INDEX } from '../indexes/index-of.ts';
import { misconfigured } from '../misconfigured.ts';
import type { CollectionOptions } from '../options/options.ts';
import { given } from '../options/policies.ts';
import type { RecordOptions } from '../options/record-options.ts';
import type { Owner } from './place.ts';
import { type LayoutTexts, readingOf } from './reading.ts';
import { type Recipe, recipeOf } from './recipe.ts';
import type { Reading } from './record-types.ts';
import type { ToRows } from './rows.ts';

/** A file as a table. */
export interface Table {
  readonly collection: Collection;
  /** As configured. */
  readonly path: string;
  readonly codec: Codec;
  /** Of the longest record. */
  readonly layout: Layout;
  readonly framing: Framing;
  readonly rows: ToRows;
  /** Present where every record is a row, and all have one length: a row's number tells its place. */
  readonly fixed?: FixedFraming;
  /** For people: how records become rows, where not every record is one. */
  readonly note?: string;
  /** The key fields in declared order; empty without a key. */
  readonly key: readonly Operand[];
  /** What another thread makes the same table of. */
  readonly recipe: Recipe;
  /** That of the key, where there is one. */
  readonly indexes: readonly IndexOf[];
  /** Everything that decides what stands in the index of this id. */
  definition(id: string): string;
}

/** Throws a misconfigured Fault for whatever cannot be a table, with the copybook's line where there is one. */
export function tableOf(owner: Owner, options: CollectionOptions, texts: LayoutTexts): Table {
  const { recipe, texts: recorded } = recipeOf(owner, options, texts);
  const reading = readingOf(owner, options, recorded);
  const { codec, rows, note } = reading;
  const { fields } = codec.layout;
  if (fields.length === 0) {
    throw misconfigured(
      'no-fields',
      `${options.copybook} describes nothing but FILLER: there is no field to show`,
    );
  }
  const records = options.records ?? { format: options.copybook === undefined ? 'text' : 'F' };
  const framing = framed(reading, records);
  const key = options.key.map((field) => fieldOf(fields, field, 'key'));
  const twice = key.find(({ field }, i) => key.findIndex((other) => other.field === field) !== i);
  if (twice !== undefined) throw misconfigured('bad-key', `The key names "${twice.field}" twice`);
  const indexes = [...keyIndex(key), ...declaredIndexes(fields, options, key)];
  return {
    path: options.path ?? '',
    codec,
    layout: reading.framed,
    framing,
    rows: rows?.(framing) ?? ((blocks) => blocks),
    ...(rows === undefined && framing.kind === 'fixed' ? { fixed: framing } : {}),
    ...(note === undefined ? {} : { note }),
    key,
    recipe,
    indexes,
    definition: definitions({ options, texts, layout: codec.layout, framing, indexes }),
    collection: {
      name: owner.collection,
      ...(options.doc === undefined ? {} : { doc: options.doc }),
      fields,
      key: key.map(({ field }) => field),
    },
  };
}

function keyIndex(key: readonly Operand[]): readonly IndexOf[] {
  return key.length === 0 ? [] : [{ id: KEY_INDEX, fields: key, nullable: 0, unique: true }];
}

/** Behind the fields of each stand those of the key, so that it gives a total order. */
function declaredIndexes(
  fields: readonly Field[],
  { indexes = [] }: CollectionOptions,
  key: readonly Operand[],
): readonly IndexOf[] {
  const declared = indexes.map((names): IndexOf => {
    const own = names.map((name) => fieldOf(fields, name, 'index'));
    const twice = own.find(({ field }, i) => own.findIndex((other) => other.field === field) !== i);
    if (twice !== undefined) throw misconfigured('bad-index', `An index names "${twice.field}" twice`);
    const rest = key.filter(({ field }) => !own.some((other) => other.field === field));
    const id = `by ${own.map(({ field }) => field).join(', ')}`;
    return { id, fields: [...own, ...rest], nullable: own.length, unique: false };
  });
  const same = declared.find(({ id }, i) => declared.findIndex((other) => other.id === id) !== i);
  if (same !== undefined) throw misconfigured('bad-index', `The index ${same.id} is declared twice`);
  return declared;
}

interface Defined {
  readonly options: CollectionOptions;
  readonly texts: LayoutTexts;
  readonly layout: Layout;
  readonly framing: Framing;
  readonly indexes: readonly IndexOf[];
}

/** Another copybook, charset or policy must not meet an index of the one before. */
function definitions({ options, texts, layout, framing, indexes }: Defined): Table['definition'] {
  const { doc: _, path: __, files: ___, key: ____, indexes: _____, ...read } = options;
  const about = JSON.stringify([read, texts, layout, framing], plainly);
  return (id) => JSON.stringify([id, indexes.find((one) => one.id === id), about]);
}

/** What JSON has no form for. */
function plainly(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  return value instanceof Uint8Array ? value.toBase64() : value;
}

/** What only says something about the layout of a record is no business of its framing. */
function framed({ framed: layout, others = [], multibyte }: Reading, records: RecordOptions): Framing {
  const { slack, format, ...more } = records;
  const rest = { format, ...given(more) };
  // The field that tells a record's length stands at one place in all types, and need not have a name in each.
  if (format === 'length') return firstOf([layout, ...others], (one) => framingOf(one, rest, { multibyte }));
  const cuts = format === 'text' || format === 'F' || format === 'FB';
  const framing = framingOf(layout, { ...rest, ...(cuts && slack === true ? { slack } : {}) }, { multibyte });
  // Records of other types have to fit too; shorter ones are filled up to the length of all.
  const length = framing.kind === 'fixed' ? { length: framing.length } : {};
  for (const other of cuts ? others : [])
    framingOf(other, { ...rest, ...length, slack: true }, { multibyte });
  return framing;
}

/** Of the first layout for which there is one; where there is none, the fault of the first. */
function firstOf(layouts: readonly Layout[], framing: (layout: Layout) => Framing): Framing {
  let first: unknown;
  for (const layout of layouts) {
    try {
      return framing(layout);
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

/** A field of the key or of an index by API name, dotted path or legacy name. */
function fieldOf(fields: readonly Field[], wanted: string, what: 'key' | 'index'): Operand {
  const the = { key: 'The key', index: 'An index' }[what];
  const known = pathsOf(fields);
  const legacy = known.filter(({ field }) => field.legacyName?.toUpperCase() === wanted.toUpperCase());
  const path = fieldAt(fields, wanted) === undefined ? legacy[0]?.path : wanted;
  if (path === undefined) {
    const names = known.flatMap(({ path: own, field }) => [field.legacyName ?? own, own]);
    if (isRepeated(fields, wanted)) {
      throw misconfigured(
        `bad-${what}`,
        `${what === 'key' ? 'Key field' : 'Field of an index'} "${wanted}" stands in a list or a union; every row needs exactly one value of it`,
      );
    }
    throw misconfigured(
      `unknown-${what}`,
      `${the} names "${wanted}", which is no field.${didYouMean(wanted, names)}`,
    );
  }
  if (path !== wanted && legacy.length > 1) {
    throw misconfigured(
      `ambiguous-${what}`,
      `${the} names "${wanted}", and there are ${legacy.length} such fields`,
      `Use one of ${legacy.map((field) => field.path).join(', ')}.`,
    );
  }
  const type = fieldAt(fields, path)?.type;
  if (type === undefined || !isComparable(type)) {
    throw misconfigured(
      `bad-${what}`,
      `${what === 'key' ? 'Key field' : 'Field of an index'} "${wanted}" is ${type === undefined ? 'unknown' : typeText(type)}; ${what === 'key' ? 'a key' : 'an index'} needs plain values`,
    );
  }
  return { field: path, type };
}

/** Is there such a field inside a list or a union? By legacy name, or by the last step of its path. */
function isRepeated(fields: readonly Field[], wanted: string, inside = false): boolean {
  return fields.some(({ name, legacyName, type }): boolean => {
    const meant = wanted.split('.').at(-1) === name || legacyName?.toUpperCase() === wanted.toUpperCase();
    if (inside && meant) return true;
    const of = type.kind === 'list' ? type.of : type;
    const within = inside || type.kind === 'list' || type.kind === 'union';
    if (of.kind === 'union') return of.of.some((one) => isRepeated(one.fields, wanted, true));
    return of.kind === 'object' && isRepeated(of.fields, wanted, within);
  });
}

function pathsOf(
  fields: readonly Field[],
  prefix = '',
): readonly { readonly path: string; readonly field: Field }[] {
  return fields.flatMap((field) => [
    { path: prefix + field.name, field },
    ...(field.type.kind === 'object' ? pathsOf(field.type.fields, `${prefix}${field.name}.`) : []),
  ]);
}
