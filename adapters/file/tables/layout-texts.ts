// Knows: the files of a configuration that say what a collection's bytes mean: copybooks, the texts that they COPY, parse maps,
// and tables of character sets.
// Must not know: what is in them, and the data.

import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { defineCharset, openCharset } from '#codec/charset';
import { copyLibrary } from '#codec/copybook/library';
import { Fault, type Host } from '#spi';
import { misconfigured } from '../misconfigured.ts';
import type { CollectionOptions } from '../options/options.ts';
import type { PolicyOptions } from '../options/policy-options.ts';
import type { LayoutTexts } from './reading.ts';

/** Finds files, and is told which of them are read. */
type Finding = Pick<Host, 'path' | 'describedBy'>;

/** Throws a misconfigured Fault for a file that cannot be read, and for a charset that there is not. */
export async function layoutTexts(
  { copybook, parseMap, copy = [], charset = 'utf-8' }: CollectionOptions,
  defaults: PolicyOptions | undefined,
  host: Finding,
): Promise<LayoutTexts> {
  const text =
    copybook === undefined
      ? textOf('parse map', parseMap ?? '', host)
      : textOf('copybook', copybook, host, 'latin1');
  const named =
    typeof charset === 'string' ? { charset: openCharset(charset).name } : ownCharset(charset.table, host);
  if (copybook === undefined) return { text, ...named, defaults };
  const library = copyLibrary([dirname(copybook), ...copy], {
    list: (folder) => namesIn(host.path(folder)),
    read: (file) => textOf('copybook', file, host, 'latin1'),
  });
  return { text, ...named, defaults, copy: library };
}

/** `fallback`: what a text is taken for that is no UTF-8. A copybook is ASCII but for comments in some national charset. */
function textOf(what: string, file: string, host: Finding, fallback?: 'latin1'): string {
  const path = host.path(file);
  host.describedBy?.(path);
  try {
    const bytes = readFileSync(path);
    const known = fallback === undefined || isUtf8(bytes) ? 'utf-8' : fallback;
    return new TextDecoder(known, { fatal: true }).decode(bytes);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = {
      ENOENT: 'does not exist',
      EISDIR: 'is a folder',
      EACCES: 'may not be read by the gateway',
      ERR_ENCODING_INVALID_ENCODED_DATA: 'is no text in UTF-8',
    }[code];
    throw new Fault('invalid', `The ${what} "${file}" ${why ?? 'cannot be read'}`, {
      code: 'layout-unreadable',
      misconfigured: true,
      cause: error,
    });
  }
}

function namesIn(folder: string): readonly string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}

/** Tables of one name that differ get different names: `table-bank`, `table-bank-2`. */
const MOST_TABLES = 100;

/** A charset of a table, under a name that is made of the file's. */
function ownCharset(file: string, host: Finding): Pick<LayoutTexts, 'charset' | 'table'> {
  const text = textOf('table of a character set', file, host);
  const name = `table-${basename(file)
    .replace(/\.[^.]*$/, '')
    .replace(/[^\w.-]/g, '-')}`;
  for (let n = 1; n < MOST_TABLES; n++) {
    try {
      const charset = defineCharset(n === 1 ? name : `${name}-${n}`, text, file).name;
      return { charset, table: { text, file } };
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'charset-exists') throw error;
    }
  }
  throw misconfigured('charset-exists', `There are ${MOST_TABLES} tables of character sets called "${name}"`);
}
