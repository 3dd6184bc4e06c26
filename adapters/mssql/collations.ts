// Knows: what the name of a collation says: code page of its texts, whether it compares by code points.
// https://learn.microsoft.com/en-us/sql/relational-databases/collations/collation-and-unicode-support
// Must not know: columns, statements.

import { openCharset } from '#codec/charset';

/** Code pages of the collations that are named by a language, where that is not 1252. */
const PAGES: Readonly<Record<string, readonly string[]>> = {
  'windows-1250': [
    'Albanian',
    'Bosnian_Latin',
    'Croatian',
    'Czech',
    'Hungarian',
    'Polish',
    'Romanian',
    'Serbian_Latin',
    'Slovak',
    'Slovenian',
  ],
  'windows-1251': [
    'Cyrillic_General',
    'Bosnian_Cyrillic',
    'Kazakh',
    'Macedonian_FYROM',
    'Serbian_Cyrillic',
    'Tatar',
    'Ukrainian',
  ],
  'windows-1253': ['Greek'],
  'windows-1254': ['Turkish', 'Azeri_Latin', 'Uzbek_Latin'],
  'windows-1255': ['Hebrew'],
  'windows-1256': ['Arabic', 'Persian', 'Urdu'],
  'windows-1257': ['Estonian', 'Latvian', 'Lithuanian'],
  'windows-1258': ['Vietnamese'],
  'windows-1252': [
    'Latin1_General',
    'Danish_Norwegian',
    'Danish_Greenlandic',
    'Finnish_Swedish',
    'French',
    'Icelandic',
    'Modern_Spanish',
    'Norwegian',
    'Traditional_Spanish',
    'German_PhoneBook',
    'Welsh',
    'Breton',
    'Corsican',
    'Frisian',
  ],
};

const BY_LANGUAGE: ReadonlyMap<string, string> = new Map(
  Object.entries(PAGES).flatMap(([page, names]) => names.map((name) => [name.toLowerCase(), page] as const)),
);

/** The charset of char and varchar under a collation; undefined where its name does not say it. */
export function charsetOf(collation: string): string | undefined {
  if (/_UTF8$/i.test(collation)) return 'utf-8';
  const [, page] = /^SQL_.*?_CP(\d+)_/i.exec(collation) ?? [];
  if (page !== undefined)
    return page === '1' ? 'windows-1252' : page.startsWith('125') ? `windows-${page}` : `cp${page}`;
  const language = /^(.*?)(?:_\d+)?_(?:BIN2?|C[IS]_)/i.exec(collation)?.[1];
  return language === undefined ? undefined : BY_LANGUAGE.get(language.toLowerCase());
}

/** Compares unit by unit: no letter stands for another, and no two for one. */
export function isBinary(collation: string): boolean {
  return /_BIN2?(?:_UTF8)?$/i.test(collation);
}

/** Its characters of one byte are compared one by one: no character joins with the next. */
export function isPlain(collation: string): boolean {
  return isBinary(collation) || /^(?:SQL_)?Latin1_General_/i.test(collation);
}

const ASCII = /^[ -~]*$/;

/** Whether a text stays what it is on its way through a code page. */
export function survives(text: string, charset: string | undefined): boolean {
  if (ASCII.test(text)) return true;
  if (charset === undefined) return false;
  try {
    openCharset(charset).encode(text);
    return true;
  } catch {
    return false;
  }
}
