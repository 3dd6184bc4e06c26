// Knows: what one configured collection is: its layout, its records, its key, its place in the model.
// Must not know: the data. The text of a copybook or parse map is handed in, so nothing is read here.

import { openCharset } from '#codec/charset';
import { type Codec, compile } from '#codec/compile/compile';
import { parseCopybook } from '#codec/copybook/parse';
import type { Copybook, Item } from '#codec/copybook/tree';
import { layoutOf } from '#codec/copybook-layout';
import type { Layout, Node } from '#codec/layout';
import {
  type Collection,
  didYouMean,
  Fault,
  type Field,
  fieldAt,
  isComparable,
  type Operand,
  pascalCase,
  singular,
  typeText,
} from '#spi';
import type { Block, Framing } from './blocks.ts';
import { recordsOfLines } from './columns.ts';
import type { CollectionOptions, RecordOptions } from './options.ts';
import { readParseMap } from './parse-map.ts';
import { fieldPolicies, withPolicies } from './policies.ts';

/** A file as a table. */
export interface Table {
  readonly collection: Collection;
  /** As configured. */
  readonly path: string;
  readonly codec: Codec;
  readonly framing: Framing;
  /** Records as the codec takes them from records as they stand in the file, in the same order. */
  shape(block: Block): Iterable<Block>;
  /** The key fields in declared order; empty without a key. */
  readonly key: readonly Operand[];
}

/**
 * `text`: of the copybook or the parse map. Throws a misconfigured Fault for whatever cannot be a table, with the
 * copybook's line where there is one.
 */
export function tableOf(name: string, options: CollectionOptions, text: string): Table {
  const read = options.copybook === undefined ? byParseMap(options, text) : byCopybook(name, options, text);
  const { layout, multibyte, shape = (block: Block) => [block] } = read;
  if (layout.fields.length === 0) {
    throw misconfigured(
      'no-fields',
      `${options.copybook} describes nothing but FILLER: there is no field to show`,
    );
  }
  const records: RecordOptions = options.records ?? {
    format: options.copybook === undefined ? 'text' : 'F',
    slack: false,
    tail: 'fail',
  };
  const key = options.key.map((field) => keyField(layout, field));
  const twice = key.find(({ field }, i) => key.findIndex((other) => other.field === field) !== i);
  if (twice !== undefined) throw misconfigured('bad-key', `The key names "${twice.field}" twice`);
  return {
    path: options.path,
    codec: compile(layout),
    framing: framingOf(layout, records, multibyte),
    shape,
    key,
    collection: {
      name,
      ...(options.doc === undefined ? {} : { doc: options.doc }),
      fields: layout.fields,
      key: key.map(({ field }) => field),
    },
  };
}

interface Reading {
  readonly layout: Layout;
  /** A character may take several bytes, and columns count characters. */
  readonly multibyte: boolean;
  readonly shape?: (block: Block) => Iterable<Block>;
}

function byParseMap(options: CollectionOptions, text: string): Reading {
  const { parseMap = '', charset: charsetName = 'utf-8', records } = options;
  const charset = openCharset(charsetName);
  const lines = records === undefined || records.format === 'text';
  const map = readParseMap(text, { file: parseMap, charset: charset.name });
  const multibyte = charset.toUnicode === undefined;
  if (multibyte && !lines) {
    throw misconfigured(
      'multibyte-columns',
      `Columns of a parse map count characters, and in ${charset.name} a record of ${records?.length ?? map.width} bytes has no fixed number of them`,
      'Set "charset" to a charset of one byte a character, such as latin1.',
    );
  }
  const layout = withPolicies(map.layout, options);
  return {
    layout,
    multibyte,
    ...(lines
      ? { shape: recordsOfLines({ ...map, layout }, { multibyte, slack: records?.slack === true }) }
      : {}),
  };
}

function byCopybook(name: string, options: CollectionOptions, text: string): Reading {
  const { copybook: file = '', charset = '' } = options;
  const record = chooseRecord(parseCopybook(text, { file }), file, options.record);
  const layout = layoutOf(record, {
    ...fieldPolicies(options),
    charset: openCharset(charset).name,
    flexible: options.records?.format === 'text',
    name: pascalCase(singular(name)),
  });
  return { layout, multibyte: false };
}

function chooseRecord({ records }: Copybook, file: string, wanted: string | undefined): Item {
  const names = records.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const found =
    wanted === undefined
      ? records
      : records.filter((record) => record.name?.toUpperCase() === wanted.toUpperCase());
  const [record] = found;
  if (record !== undefined && found.length === 1) return record;
  if (wanted !== undefined) {
    throw misconfigured(
      'unknown-record',
      `${file} has no record "${wanted}".${didYouMean(wanted, names)}`,
      `It has ${names.join(', ')}.`,
    );
  }
  throw misconfigured(
    'several-records',
    `${file} describes ${records.length} records; say with "record" which one the file has`,
    `It has ${names.join(', ')}.`,
  );
}

/** A key field by API name, dotted path or legacy name. */
function keyField({ fields }: Layout, wanted: string): Operand {
  const known = pathsOf(fields);
  const legacy = known.filter(({ field }) => field.legacyName?.toUpperCase() === wanted.toUpperCase());
  const path = fieldAt(fields, wanted) === undefined ? legacy[0]?.path : wanted;
  if (path === undefined) {
    const names = known.flatMap(({ path: own, field }) => [field.legacyName ?? own, own]);
    throw misconfigured(
      'unknown-key',
      `The key names "${wanted}", which is no field.${didYouMean(wanted, names)}`,
    );
  }
  if (path !== wanted && legacy.length > 1) {
    throw misconfigured(
      'ambiguous-key',
      `The key names "${wanted}", and there are ${legacy.length} such fields`,
      `Use one of ${legacy.map((field) => field.path).join(', ')}.`,
    );
  }
  const type = fieldAt(fields, path)?.type;
  if (type === undefined || !isComparable(type)) {
    throw misconfigured(
      'bad-key',
      `Key field "${wanted}" is ${type === undefined ? 'unknown' : typeText(type)}; a key needs plain values`,
    );
  }
  return { field: path, type };
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

function framingOf(
  layout: Layout,
  { format, length, slack, tail }: RecordOptions,
  multibyte: boolean,
): Framing {
  if (format === 'text') {
    if (openCharset(layout.charset).family === 'ebcdic') {
      throw misconfigured('ebcdic-text', `Lines of text in ${layout.charset} are not supported yet`);
    }
    const binary = binaryField(layout.nodes);
    if (binary !== undefined) {
      throw misconfigured(
        'binary-in-text',
        `${binary.legacyName ?? binary.name} is a binary or packed number: in lines of text, a byte of it could be a line end`,
        'Check the copybook; files with such numbers have records of one length, format F.',
      );
    }
    if (length !== undefined) {
      throw misconfigured('length-of-text', 'Lines of text have no record length', 'Leave "length" out.');
    }
    if (tail === 'ignore-tail') {
      throw misconfigured('tail-of-text', 'Every line of text is a whole record', 'Leave "tail" out.');
    }
    return {
      kind: 'lines',
      mark: layout.charset === 'utf-8',
      ...(slack && !multibyte ? { shown: layout.length } : {}),
    };
  }
  const recordLength = length ?? layout.length;
  if (recordLength < layout.length || (recordLength > layout.length && !slack)) {
    throw misconfigured(
      'record-length',
      `The layout describes ${layout.length} bytes, but the record length is ${recordLength}`,
      recordLength < layout.length
        ? 'Check the copybook and the record length.'
        : 'Check the copybook, or set "slack" under "records" if there is more in a record than it shows.',
    );
  }
  return { kind: 'fixed', length: recordLength, shown: layout.length, tail };
}

function binaryField(nodes: readonly Node[]): Node | undefined {
  for (const node of nodes) {
    if (node.kind === 'scalar') {
      const encoding = 'subject' in node.encoding ? node.encoding.subject : node.encoding;
      if (encoding.kind === 'packed' || encoding.kind === 'binary') return node;
    } else {
      const inside = binaryField(node.kind === 'group' ? node.nodes : [node.of]);
      if (inside !== undefined) return inside;
    }
  }
  return undefined;
}

function misconfigured(code: string, message: string, hint?: string): Fault {
  return new Fault('invalid', message, {
    code,
    misconfigured: true,
    ...(hint === undefined ? {} : { hint }),
  });
}
