// Writes the tables in src/codec/tables from the ICU code page tables beside the repository.
// Knows: which pages there are and how they are written into TypeScript. Must not know: iconv-lite, how the tables are used.

import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { NO_CHARACTER } from '../src/codec/charset/contract.ts';
import { packNumbers, packPairs } from '../src/codec/charset/packed-table.ts';
import { type CodePage, codePageOf } from '../src/codec/charset/page.ts';
import { readPage } from '../src/codec/charset/page-text.ts';
import type { DoubleBytePage } from '../src/codec/charset/pairs.ts';
import type { SingleBytePage } from '../src/codec/charset/single-byte.ts';

const root = join(import.meta.dirname, '..');
/** Where the `.ucm` files are; not part of the repository. */
export const UCM_FOLDER = join(root, '..', 'shared', 'codepages');
const TABLES = join(root, 'src', 'codec', 'tables');
export const SINGLE_BYTE_FILE = join(TABLES, 'single-byte.generated.ts');
export const DOUBLE_BYTE_FILE = join(TABLES, 'double-byte.generated.ts');

interface NamedPage extends CodePage {
  /** `cp037` */
  readonly name: string;
}

/** Pages of pairs that are another one with changes, and are kept as these. */
const BASES: Readonly<Record<string, string>> = {
  cp930: 'cp300',
  cp939: 'cp930',
  cp1390: 'cp930',
  cp1399: 'cp1390',
  cp1364: 'cp933',
  cp1388: 'cp935',
  cp1371: 'cp937',
};

/** Reads all pages of the folder, in the order of their numbers. */
export function readPages(folder: string): readonly NamedPage[] {
  const pages = globSync('*.ucm', { cwd: folder }).map((file) => {
    const number = /^ibm-(\d+)_/.exec(basename(file))?.[1] ?? '';
    const page = codePageOf(readPage(file, readFileSync(join(folder, file), 'utf8')));
    return { name: `cp${number.padStart(3, '0')}`, ...page };
  });
  return pages.toSorted((a, b) => Number(a.name.slice(2)) - Number(b.name.slice(2)));
}

const HEAD = `// Written by tools/write-code-pages.ts from the ICU tables of IBM's code pages (Unicode License V3,
// Copyright (C) 1995-2007 International Business Machines Corporation and others). Do not edit.
`;

/** The TypeScript module of the pages of one byte a character. */
export function renderSingleByte(pages: readonly NamedPage[]): string {
  const singles = pages.flatMap(({ name, singles, doubles }) =>
    singles === undefined || doubles !== undefined ? [] : [{ name, ...singles }],
  );
  const rows = singles.map(({ name, toUnicode }) => `  ${name}: '${literalOf(toUnicode)}',`);
  const exceptions = singles
    .filter(({ readOnly }) => readOnly.length > 0)
    .map(({ name, readOnly }) => `  ${name}: [${readOnly.map(hexByte).join(', ')}],`);
  const fallbacks = singles
    .map((page) => `  ${page.name}: '${fallbacksOf(page.name, page)}',`)
    .filter((row) => !row.endsWith(": '',"));
  return `${HEAD}
/** Single-byte EBCDIC pages: 256 characters each, U+FFFD for a byte without a character. */
export const SINGLE_BYTE_PAGES: Readonly<Record<string, string>> = {
${rows.join('\n')}
};

/** Bytes that read as a character which is written as another byte. */
export const REVERSE_FALLBACKS: Readonly<Record<string, readonly number[]>> = {
${exceptions.join('\n')}
};

/**
 * Characters that may be written but are read back as another one, each followed by that one. Besides them every page has the
 * fullwidth forms U+FF01 to U+FF5E of those characters from U+0021 to U+007E that it has.
 */
export const FALLBACKS: Readonly<Record<string, string>> = {
${fallbacks.join('\n')}
};
`;
}

/** Character and the one that its byte is read as, in turn, without the fullwidth forms, which must be there. */
function fallbacksOf(name: string, { toUnicode, fallbacks }: SingleBytePage): string {
  const rest = new Map(fallbacks);
  for (let unit = 0xff01; unit <= 0xff5e; unit++) {
    const byte = toUnicode.indexOf(unit - 0xfee0);
    if ((rest.get(unit) ?? -1) !== byte)
      throw new Error(`${name} has another fullwidth form of ${byte.toString(16)}`);
    rest.delete(unit);
  }
  return literalOf([...rest].flatMap(([unit, byte]) => [unit, toUnicode[byte] ?? NO_CHARACTER]));
}

/** The TypeScript module of the pages that have pairs. */
export function renderDoubleByte(pages: readonly NamedPage[]): string {
  const doubles = new Map(
    pages.flatMap(({ name, doubles }) => (doubles === undefined ? [] : [[name, doubles] as const])),
  );
  const mixed = pages.flatMap(({ name, singles, doubles }) => {
    if (singles === undefined || doubles === undefined) return [];
    if (singles.readOnly.length + singles.fallbacks.size > 0)
      throw new Error(`${name}: one-way single bytes`);
    return [`  ${name}: '${literalOf(singles.toUnicode)}',`];
  });
  const rows = Array.from(doubles, ([name, page]) => {
    const base = BASES[name];
    return `  ${name}: {\n${packedMembers(page, base, doubles.get(base ?? '')).join('\n')}\n  },`;
  });
  return `${HEAD}
/** The pairs of a page, packed (see packed.ts). */
export interface PackedPage {
  /** The page that this one is, but for its \`pairs\` and \`sequences\`. */
  readonly base?: string;
  readonly pairs: string;
  /** Pairs of a letter and a combining mark. */
  readonly sequences?: Readonly<Record<number, string>>;
  /** Distances between the pairs that are read but not written. */
  readonly readOnly: string;
  /** Characters that are written so but read back as another one. */
  readonly fallbacks: string;
}

/** The single bytes of the mixed pages: 256 characters each, U+FFFD for a byte without a character. */
export const MIXED_PAGES: Readonly<Record<string, string>> = {
${mixed.join('\n')}
};

export const DOUBLE_BYTE_PAGES: Readonly<Record<string, PackedPage>> = {
${rows.join('\n')}
};
`;
}

function packedMembers(
  { points, sequences, readOnly, fallbacks }: DoubleBytePage,
  base: string | undefined,
  basePage: DoubleBytePage | undefined,
): readonly string[] {
  const own = [...points.entries()].filter(
    ([pair, point]) => point !== (basePage?.points[pair] ?? NO_CHARACTER),
  );
  const lost = own.find(([, point]) => point === NO_CHARACTER);
  if (lost !== undefined)
    throw new Error(`${base} has the pair ${lost[0].toString(16)}, which had to be taken away`);
  const longs = [...sequences].filter(([pair, text]) => basePage?.sequences.get(pair) !== text);
  const distances = [...readOnly].map((pair, i, all) => pair - (all[i - 1] ?? 0));
  const written = longs.map(([pair, text]) => `${pair}: '${literalOf(unitsOf(text))}'`).join(', ');
  return [
    ...(base === undefined ? [] : [`    base: '${base}',`]),
    `    pairs: '${packPairs(own)}',`,
    ...(longs.length === 0 ? [] : [`    sequences: { ${written} },`]),
    `    readOnly: '${packNumbers(distances)}',`,
    `    fallbacks: '${packPairs(Array.from(fallbacks, ([text, pair]) => [pair, pointOf(text)] as const))}',`,
  ];
}

function pointOf(text: string): number {
  return text.codePointAt(0) ?? 0;
}

function unitsOf(text: string): readonly number[] {
  return Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
}

function literalOf(units: Iterable<number>): string {
  return Array.from(units, (unit) => {
    const character = String.fromCharCode(unit);
    if (character === '\\' || character === "'") return `\\${character}`;
    if (/^[ -~]$/.test(character)) return character;
    const code = unit.toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`;
  }).join('');
}

function hexByte(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}

if (import.meta.main) {
  if (existsSync(UCM_FOLDER)) {
    const pages = readPages(UCM_FOLDER);
    writeFileSync(SINGLE_BYTE_FILE, renderSingleByte(pages));
    writeFileSync(DOUBLE_BYTE_FILE, renderDoubleByte(pages));
    console.log(`${pages.length} code pages written to ${TABLES}`);
  } else {
    console.log(`Code pages are left as they are: there is no folder ${UCM_FOLDER}`);
  }
}
