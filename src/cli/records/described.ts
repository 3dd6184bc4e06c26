// Knows: how the flags of a command and the texts that they name become a layout, a framing and a codec.
// Must not know: the data.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { defineCharset, openCharset } from '../../codec/charset.ts';
import { layoutOf, layoutOfTypes } from '../../codec/cobol-layout/copybook-layout.ts';
import { copyLibrary } from '../../codec/copybook/library.ts';
import { parseCopybook } from '../../codec/copybook/parse.ts';
import type { Copybook, Item } from '../../codec/copybook/tree.ts';
import type { Layout, LayoutOptions, RedefinesRule } from '../../codec/layout.ts';
import { Fault } from '../../fault.ts';
import { didYouMean } from '../../model/naming.ts';
import { type Given, textOf, textsOf, UsageError } from '../command.ts';
import { fileFault } from './input.ts';
import { layoutFlags, namedRules, oneOf } from './record-flags.ts';

/** What the copybook and the flags say of a record. Throws `invalid` Faults with the copybook's line. */
export function describedLayout(given: Given): Layout {
  const file = textOf(given, 'copybook') ?? '';
  const source = oneOf(given, 'source', ['fixed', 'variable', 'free']);
  const copybook = parseCopybook(textFile(file), {
    file,
    ...(source === undefined ? {} : { format: source }),
    ...(given['debugging'] === true ? { debugging: true } : {}),
    decimalComma: given['decimal-comma'] === true,
    replacing: Object.fromEntries(namedRules(given, 'replacing').map(({ name, rule }) => [name, rule])),
    defines: Object.fromEntries(namedRules(given, 'define').map(({ name, rule }) => [name, definedAs(rule)])),
    currency: Object.fromEntries(namedRules(given, 'currency').map(({ name, rule }) => [name, rule])),
    copy: copyLibrary([dirname(file), ...textsOf(given, 'copy')], { list: filesIn, read: textFile }),
  });
  const { charset: named, ...flags } = layoutFlags(given);
  const charset = named ?? usualCharset(given);
  for (const { name, rule: table } of namedRules(given, 'charset-table')) {
    defineCharset(name, textFile(table), table);
  }
  const options: LayoutOptions = {
    ...flags,
    charset: openCharset(charset).name,
    ...(given['slack'] === true ? { slack: true } : {}),
    ...(isText(given) ? { flexible: true } : {}),
  };
  const types = namedRules(given, 'type');
  const redefines = redefinesOf(copybook, given);
  const all = redefines === undefined ? options : { ...options, redefines };
  if (types.length > 0) {
    return layoutOfTypes(
      types.map(({ name, rule }) => ({
        tag: name,
        record: recordCalled(copybook, file, name, '--type'),
        when: rule,
      })),
      all,
    );
  }
  return layoutOf(theRecord(copybook, file, textOf(given, 'record')), all);
}

/** A number where it is one, as a compiler takes it. */
function definedAs(text: string): string | number {
  return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : text;
}

/** Where rows become records, the format is that of the output. */
function isText(given: Given): boolean {
  return (textOf(given, 'format') ?? textOf(given, 'to-format'))?.toLowerCase() === 'text';
}

/** Nothing of a national character set is guessed: letters, digits and signs of numbers are the same in all EBCDIC pages. */
function usualCharset(given: Given): string {
  if (isText(given)) return 'utf-8';
  const dialect = textOf(given, 'dialect') ?? 'ibm';
  if (dialect === 'ibm') return 'cp037';
  throw new UsageError(`--charset NAME is missing: files of ${dialect} have no usual one`);
}

/** The text of a copybook: UTF-8 or, where it is none, Latin-1. */
function textFile(path: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw fileFault('read', path, error);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    if (bytes.filter((byte) => byte === 0x40).length > bytes.length / 5) {
      throw new Fault('invalid', `${path} is an EBCDIC text: transfer it as text`, {
        code: 'ebcdic-copybook',
      });
    }
    return new TextDecoder('latin1').decode(bytes);
  }
}

/** Names of the files and folders in a folder. */
function filesIn(folder: string): readonly string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}

function theRecord(copybook: Copybook, file: string, wanted: string | undefined): Item {
  if (wanted !== undefined) return recordCalled(copybook, file, wanted, '--record');
  const { records } = copybook;
  const [record] = records;
  if (record !== undefined && records.length === 1) return record;
  throw new Fault(
    'invalid',
    `${basename(file)} describes ${records.length} records; say with --record which one the file has, or with --type when it has which`,
    { code: 'several-records', misconfigured: true, hint: `It has ${namesOf(records).join(', ')}.` },
  );
}

function recordCalled({ records }: Copybook, file: string, name: string, flag: string): Item {
  const found = records.find((record) => record.name?.toUpperCase() === name.toUpperCase());
  if (found !== undefined) return found;
  const names = namesOf(records);
  throw new Fault(
    'invalid',
    `${flag}: ${basename(file)} has no record "${name}".${didYouMean(name, names)}`,
    {
      code: 'unknown-record',
      misconfigured: true,
      ...(names.length === 0 ? {} : { hint: `It has ${names.join(', ')}.` }),
    },
  );
}

function namesOf(items: readonly Item[]): readonly string[] {
  return items.flatMap(({ name }) => (name === undefined ? [] : [name]));
}

/** `--variant`: the rules by the item whose bytes they are about. */
function redefinesOf(copybook: Copybook, given: Given): Record<string, RedefinesRule> | undefined {
  const rules: Record<string, { when: Record<string, string> }> = {};
  const variants = namedRules(given, 'variant');
  const items = copybook.records.flatMap((record) => [...below(record)]);
  for (const { name, rule } of variants) {
    const item = items.find((one) => one.name?.toUpperCase() === name.toUpperCase());
    if (item === undefined) {
      throw new Fault(
        'invalid',
        `--variant: there is no item "${name}".${didYouMean(name, namesOf(items))}`,
        {
          code: 'unknown-field',
          misconfigured: true,
        },
      );
    }
    const target = (item.redefines ?? name).toUpperCase();
    rules[target] ??= { when: {} };
    rules[target].when[name] = rule;
  }
  return variants.length === 0 ? undefined : rules;
}

function* below(item: Item): Iterable<Item> {
  yield item;
  for (const child of item.children) yield* below(child);
}
