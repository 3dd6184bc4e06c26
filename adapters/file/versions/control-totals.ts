// Knows: what the header and the trailer of a file say of the records between them, and which fields of which types that is about.
// Must not know: files, and how records come from them.

import type { Codec, Decode } from '#codec/compile/compile';
import { compile } from '#codec/compile/compile';
import { scalarAt } from '#codec/paths';
import { didYouMean, type Fault, type Field, fieldAt, type Row, toScaled, typeText, valueAt } from '#spi';
import { misconfigured } from '../misconfigured.ts';
import type { ControlOptions, PublishOptions } from '../options/publish-options.ts';
import type { TypeReading } from '../tables/record-types.ts';

export type Side = 'header' | 'trailer';

/** A figure that a header or a trailer holds. */
export interface Figure {
  /** Copybook name of its field, for messages. */
  readonly name: string;
  readonly field: string;
  /** What it is the figure of, for messages: `PAYMENT-ORDER`, `AMOUNT of PAYMENT-ORDER`. */
  readonly of: string;
  /** Digits behind the point that are compared; 0 of a count. */
  readonly scale: number;
  /** For each type of the file: what a record adds. Absent: nothing; `''`: one; else the path of a field. */
  readonly adds: ReadonlyMap<number, string>;
  /** Of a hash total: the sum is taken modulo this. */
  readonly modulus?: bigint;
}

export interface Control {
  readonly side: Side;
  /** Name of its type, and its number. */
  readonly name: string;
  readonly type: number;
  readonly decode: Decode;
  readonly figures: readonly Figure[];
}

/** What is read of the records of a type. */
export interface Tally {
  /** Bytes of its layout. */
  readonly length: number;
  /** Absent: nothing but how many there are. */
  readonly decode?: Decode;
}

export interface Controls {
  readonly controls: readonly Control[];
  /** By number of the type. */
  readonly tallies: readonly Tally[];
}

/** Throws a misconfigured Fault for a type or field that there is not, and for one that cannot be added up. */
export function controlsOf(types: readonly TypeReading[], publish: PublishOptions): Controls {
  const codecs = types.map(({ layout }) => compile(layout));
  const sides = (['header', 'trailer'] as const).flatMap((side) => {
    const given = publish[side];
    return given === undefined ? [] : [{ side, given, type: typeAt(types, given.record) }];
  });
  const own = sides.map(({ type }) => type);
  const between = types.flatMap((_, i) => (own.includes(i) ? [] : [i]));
  const controls = sides.map(({ side, given, type }): Control => {
    const codec = codecs[type];
    if (codec === undefined) throw new TypeError('a type without a codec');
    const figures = figuresOf(given, { types, codecs, codec, between });
    return {
      side,
      name: types[type]?.rule.name ?? given.record,
      type,
      figures,
      decode: codec.decoder(figures.map(({ field }) => field)),
    };
  });
  const figures = controls.flatMap((control) => control.figures);
  const tallies = codecs.map((codec, i): Tally => {
    const paths = figures.flatMap(({ adds }) => adds.get(i) || []);
    const { length } = codec.layout;
    return paths.length === 0 ? { length } : { length, decode: codec.decoder([...new Set(paths)]) };
  });
  return { controls, tallies };
}

interface Given {
  readonly types: readonly TypeReading[];
  readonly codecs: readonly Codec[];
  /** Of the header or trailer. */
  readonly codec: Codec;
  /** Types that are neither header nor trailer. */
  readonly between: readonly number[];
}

function figuresOf({ count, totals = {} }: ControlOptions, given: Given): readonly Figure[] {
  const { types, codecs, codec, between } = given;
  const counts = count === undefined ? [] : [typeof count === 'string' ? { field: count } : count];
  const members = (of: string | readonly string[] | undefined): readonly number[] =>
    of === undefined ? between : [of].flat().map((name) => typeAt(types, name));
  const named = (numbers: readonly number[]): string =>
    numbers.map((number) => types[number]?.rule.name).join(' and ');
  return [
    ...counts.map(({ field, ...rest }): Figure => {
      const of = members('of' in rest ? rest.of : undefined);
      const own = numberAt(codec, field);
      if (own.scale > 0)
        throw misconfigured('bad-total', `"${field}" has decimals, so it holds no number of records`);
      return {
        ...own,
        name: field,
        of: named(of),
        adds: new Map(of.map((number) => [number, ''])),
      };
    }),
    ...Object.entries(totals).map(([name, { sum, of, hash = false }]): Figure => {
      const wanted = members(of);
      // Without "of", the types that have no such field have nothing to add.
      const having = of === undefined ? wanted.filter((number) => hasField(codecs[number], sum)) : wanted;
      if (having.length === 0)
        throw unknownField(
          sum,
          wanted.flatMap((number) => pathsIn(codecs[number])),
        );
      const own = numberAt(codec, name);
      const added = having.map((number) => ({ number, ...numberAt(codecs[number], sum) }));
      const scale = Math.max(own.scale, ...added.map((one) => one.scale));
      return {
        field: own.field,
        name,
        of: `${sum} of ${named(having)}`,
        scale,
        adds: new Map(added.map(({ number, field }) => [number, field])),
        ...(hash ? { modulus: 10n ** BigInt(digitsBefore(codec, own.field) + scale) } : {}),
      };
    }),
  ];
}

function typeAt(types: readonly TypeReading[], wanted: string): number {
  const names = types.map(({ rule }) => rule.name);
  const found = names.findIndex((name) => name.toUpperCase() === wanted.toUpperCase());
  if (found >= 0) return found;
  throw misconfigured(
    'unknown-record',
    `"publish" names the type "${wanted}", which is none.${didYouMean(wanted, names)}`,
  );
}

interface NumberField {
  readonly field: string;
  readonly scale: number;
}

/** A field by API name, dotted path or copybook name, whose values are exact numbers. */
function numberAt(codec: Codec | undefined, wanted: string): NumberField {
  const fields = codec?.layout.fields ?? [];
  const known = paths(fields);
  const field =
    fieldAt(fields, wanted) === undefined
      ? known.find(({ legacy }) => legacy?.toUpperCase() === wanted.toUpperCase())?.path
      : wanted;
  if (field === undefined)
    throw unknownField(
      wanted,
      known.map(({ path, legacy }) => legacy ?? path),
    );
  const type = fieldAt(fields, field)?.type;
  if (type?.kind === 'decimal') return { field, scale: type.scale ?? 0 };
  if (type?.kind === 'int32' || type?.kind === 'int64') return { field, scale: 0 };
  throw misconfigured(
    'bad-total',
    `"publish" compares or adds up "${wanted}", which is ${type === undefined ? 'unknown' : typeText(type)}: exact numbers alone can be`,
  );
}

/** Of a field that holds digits: how many stand before the point. */
function digitsBefore({ layout }: Codec, field: string): number {
  const encoding = scalarAt(layout.nodes, field)?.encoding;
  if (encoding !== undefined && 'digits' in encoding && 'scale' in encoding) {
    return Math.max(0, encoding.digits - encoding.scale);
  }
  throw misconfigured('bad-total', `"${field}" holds no fixed number of digits, so it is no hash total`);
}

function hasField(codec: Codec | undefined, wanted: string): boolean {
  return pathsIn(codec).some((name) => name.toUpperCase() === wanted.toUpperCase());
}

function pathsIn(codec: Codec | undefined): readonly string[] {
  return paths(codec?.layout.fields ?? []).flatMap(({ path, legacy }) => [legacy ?? path, path]);
}

function paths(
  fields: readonly Field[],
  prefix = '',
): readonly { readonly path: string; readonly legacy?: string | undefined }[] {
  return fields.flatMap(({ name, legacyName, type }) => [
    { path: prefix + name, legacy: legacyName },
    ...(type.kind === 'object' ? paths(type.fields, `${prefix}${name}.`) : []),
  ]);
}

function unknownField(wanted: string, names: readonly string[]): Fault {
  return misconfigured(
    'unknown-field',
    `"publish" names the field "${wanted}", which there is not.${didYouMean(wanted, names)}`,
  );
}

/** The field's number times ten to the `scale`; no value is nothing. Throws the Fault that the field holds. */
export function scaledAt(row: Row, path: string, scale: number): bigint {
  const value = valueAt(row, path);
  if (value === null) return 0n;
  const scaled = toScaled(String(value), scale);
  if (scaled === undefined) throw new TypeError('a field of exact numbers holds something else');
  return scaled;
}
