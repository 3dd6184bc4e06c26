// Knows: how the records of a collection become its rows: one layout, several record types as a union, or parents with children.
// Must not know: files; where a text of a copybook comes from.

import { openCharset } from '#codec/charset';
import { layoutOf } from '#codec/cobol-layout/copybook-layout';
import { compile } from '#codec/compile/compile';
import type { FindCopy } from '#codec/copybook/copying';
import { type ParseCopybookOptions, parseCopybook } from '#codec/copybook/parse';
import type { Framing } from '#codec/framing/framing';
import type { Layout } from '#codec/layout';
import { pascalCase, singular } from '#spi';
import { misconfigured } from '../misconfigured.ts';
import { layoutOptions } from '../options/layout-options.ts';
import type { CollectionOptions } from '../options/options.ts';
import { withPolicies } from '../options/policies.ts';
import type { PolicyOptions } from '../options/policy-options.ts';
import { recordsOfLines } from './columns.ts';
import { byRule, membersOf } from './members.ts';
import { readParseMap } from './parse-map.ts';
import type { Owner } from './place.ts';
import { byTypes, type Reading, type TypesGiven } from './record-types.ts';
import { chosenRecord } from './records.ts';
import type { Rows, ToRows } from './rows.ts';
import { ruleOf, ruleTest } from './rule.ts';

/** What a layout is made of besides the options. */
export interface LayoutTexts {
  /** Of the copybook or the parse map. */
  readonly text: string;
  /** Name of the file's charset. */
  readonly charset: string;
  /** Its table, where it is one of the user's own; `file` is what messages call it. */
  readonly table?: { readonly text: string; readonly file: string };
  readonly copy?: FindCopy;
  /** Of the source. */
  readonly defaults?: PolicyOptions | undefined;
}

/** Throws a misconfigured Fault for whatever cannot be read so, with the copybook's line where there is one. */
export function readingOf(owner: Owner, options: CollectionOptions, texts: LayoutTexts): Reading {
  return options.copybook === undefined
    ? byParseMap(owner, options, texts)
    : byCopybook(owner, options, texts);
}

function byCopybook(owner: Owner, options: CollectionOptions, texts: LayoutTexts): Reading {
  const { types } = options;
  const { book, file, options: given } = bookOf(owner, options, texts);
  if (types !== undefined) return byTypes(owner, { book, file, types, options: given });
  const layout = layoutOf(chosenRecord(book, file, options.record), given);
  return { codec: compile(layout), framed: layout, multibyte: false, ...picking(owner, options, layout) };
}

/** The copybook, and how its records become layouts. Throws as `readingOf`. */
export function bookOf(
  owner: Owner,
  options: CollectionOptions,
  texts: LayoutTexts,
): Omit<TypesGiven, 'types'> {
  const { copybook: file = '' } = options;
  const book = parseCopybook(texts.text, { file, ...sourceOptions(options, texts.copy) });
  const name = pascalCase(singular(owner.collection));
  return { book, file, options: { ...layoutOptions(options, texts), name } };
}

/** How the text of the copybook is read. */
function sourceOptions(
  { source, replacing, defines, decimalComma, currency, debugging }: CollectionOptions,
  copy: FindCopy | undefined,
): ParseCopybookOptions {
  return {
    ...(copy === undefined ? {} : { copy }),
    ...(source === undefined ? {} : { format: source }),
    ...(replacing === undefined ? {} : { replacing }),
    ...(defines === undefined ? {} : { defines }),
    ...(decimalComma === undefined ? {} : { decimalComma }),
    ...(currency === undefined ? {} : { currency }),
    ...(debugging === undefined ? {} : { debugging }),
  };
}

function byParseMap(owner: Owner, options: CollectionOptions, texts: LayoutTexts): Reading {
  const { parseMap = '', records } = options;
  const charset = openCharset(texts.charset);
  const lines = records === undefined || records.format === 'text';
  const map = readParseMap(texts.text, { file: parseMap, charset: charset.name });
  const multibyte = charset.toUnicode === undefined;
  if (multibyte && !lines) {
    throw misconfigured(
      'multibyte-columns',
      `Columns of a parse map count characters, and in ${charset.name} a record of ${records?.length ?? map.width} bytes has no fixed number of them`,
      'Set "charset" to a charset of one byte a character, such as latin1.',
    );
  }
  if (multibyte && !/^utf-8(?:,|$)/.test(charset.name)) {
    throw misconfigured(
      'multibyte-columns',
      `Columns of a parse map count characters, and in ${charset.name} these cannot be counted yet`,
      'Set "charset" to utf-8 or to a charset of one byte a character, or describe the lines by a copybook.',
    );
  }
  const layout = withPolicies(map.layout, options, texts.defaults);
  const picked = picking(owner, options, layout);
  const reading = { codec: compile(layout), framed: layout, multibyte };
  if (!lines) return { ...reading, ...picked };
  const recordsOf = recordsOfLines({ ...map, layout }, { multibyte, slack: records?.slack === true });
  const { rows: members } = picked;
  return {
    ...reading,
    ...picked,
    rows: (framing) => {
      const whole: ToRows = async function* (blocks) {
        for await (const block of blocks) yield* recordsOf(block);
      };
      return members === undefined ? whole : (blocks) => members(framing)(whole(blocks));
    },
  };
}

/** With `when`: only the rows of which it is true. */
function picking(owner: Owner, { when }: CollectionOptions, layout: Layout): MemberPicking {
  if (when === undefined) return {};
  const where = `"${owner.collection}"`;
  const rule = ruleTest(layout, ruleOf(when, layout, where), where);
  return {
    rows: () => membersOf(byRule(rule, owner)),
    note: 'records for which the rule of the collection is not true are passed over',
  };
}

interface MemberPicking {
  readonly note?: string;
  readonly rows?: (framing: Framing) => (rows: AsyncIterable<Rows>) => AsyncIterable<Rows>;
}
