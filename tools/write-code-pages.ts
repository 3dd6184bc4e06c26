// Writes src/codec/tables/single-byte.generated.ts from the ICU code page tables beside the repository.
// Knows: the `.ucm` format. Must not know: iconv-lite, how the tables are used.

import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '..');
/** Where the `.ucm` files are; not part of the repository. */
export const UCM_FOLDER = join(root, '..', 'shared', 'codepages');
export const TABLES_FILE = join(root, 'src', 'codec', 'tables', 'single-byte.generated.ts');

/** One single-byte page. */
interface Page {
  /** `cp037` */
  readonly name: string;
  /** The character of each byte; U+FFFD where the byte has none. */
  readonly characters: readonly string[];
  /** Bytes whose character is written as another byte. */
  readonly reverseFallbacks: readonly number[];
}

/**
 * Reads a `.ucm` text: lines `<U0041> \xC1 |0`, whose flag is 0 for a round trip, 1 for a character that may be
 * written so but is not read back, 3 for a byte that is read so but not written. Undefined for a page with double bytes.
 * Format: ICU User Guide, "Conversion Data", ".ucm File Format".
 */
export function readUcm(fileName: string, text: string): Page | undefined {
  const number = /^ibm-(\d+)_/.exec(fileName)?.[1];
  if (number === undefined || !/^<uconv_class>\s+"SBCS"/m.test(text)) return undefined;
  const characters = Array.from({ length: 256 }, () => '\ufffd');
  const reverseFallbacks: number[] = [];
  for (const [, code = '', hex = '', flag] of text.matchAll(
    /^<U([0-9A-F]+)>\s+\\x([0-9A-F]{2})\s+\|(\d)/gm,
  )) {
    const byte = Number.parseInt(hex, 16);
    if (flag === '0' || flag === '3') characters[byte] = String.fromCodePoint(Number.parseInt(code, 16));
    if (flag === '3') reverseFallbacks.push(byte);
  }
  return {
    name: `cp${number.padStart(3, '0')}`,
    characters,
    reverseFallbacks: reverseFallbacks.toSorted((a, b) => a - b),
  };
}

/** The TypeScript module that holds the pages, in the order of their numbers. */
export function renderTables(pages: readonly Page[]): string {
  const sorted = pages.toSorted((a, b) => Number(a.name.slice(2)) - Number(b.name.slice(2)));
  const rows = sorted.map(({ name, characters }) => `  ${name}: '${literalOf(characters)}',`);
  const exceptions = sorted
    .filter(({ reverseFallbacks }) => reverseFallbacks.length > 0)
    .map(({ name, reverseFallbacks }) => `  ${name}: [${reverseFallbacks.map(hexByte).join(', ')}],`);
  return `// Written by tools/write-code-pages.ts from the ICU tables of IBM's code pages (Unicode License V3,
// Copyright (C) 1995-2007 International Business Machines Corporation and others). Do not edit.

/** Single-byte EBCDIC pages: 256 characters each, U+FFFD for a byte without a character. */
export const SINGLE_BYTE_PAGES: Readonly<Record<string, string>> = {
${rows.join('\n')}
};

/** Bytes that read as a character which is written as another byte. */
export const REVERSE_FALLBACKS: Readonly<Record<string, readonly number[]>> = {
${exceptions.join('\n')}
};
`;
}

function literalOf(characters: readonly string[]): string {
  return characters
    .map((character) => {
      if (character === '\\' || character === "'") return `\\${character}`;
      if (/^[ -~]$/.test(character)) return character;
      const code = character.charCodeAt(0).toString(16);
      return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`;
    })
    .join('');
}

function hexByte(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}

/** Reads all single-byte pages of the folder. */
export function readPages(folder: string): readonly Page[] {
  return globSync('*.ucm', { cwd: folder }).flatMap((file) => {
    const page = readUcm(basename(file), readFileSync(join(folder, file), 'utf8'));
    return page === undefined ? [] : [page];
  });
}

if (import.meta.main) {
  if (existsSync(UCM_FOLDER)) {
    const pages = readPages(UCM_FOLDER);
    writeFileSync(TABLES_FILE, renderTables(pages));
    console.log(`${pages.length} code pages written to ${TABLES_FILE}`);
  } else {
    console.log(`Code pages are left as they are: there is no folder ${UCM_FOLDER}`);
  }
}
