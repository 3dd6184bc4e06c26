// Knows: every charset, by any of its names. Those of the ASCII family come from iconv-lite; the EBCDIC pages are ours and are
// put into its registry, so that every charset goes through one door.
// Must not know: fields and records.

import iconv from 'iconv-lite';
import { Fault } from '../fault.ts';
import { didYouMean } from '../model/naming.ts';
import { type Charset, NO_CHARACTER } from './charset/contract.ts';
import { multibyte } from './charset/multibyte.ts';
import { charsetOfPage, checkPage } from './charset/of-page.ts';
import { type CodePage, codePageOf } from './charset/page.ts';
import { readPage } from './charset/page-text.ts';
import { codePage, DOUBLE_BYTE_NAMES, MIXED_NAMES, SINGLE_BYTE_NAMES } from './charset/pages.ts';
import { utf8, utf16 } from './charset/unicode.ts';
import { notSwappable, partsOf, type Variant } from './charset/variant.ts';
import { REVERSE_FALLBACKS, SINGLE_BYTE_PAGES } from './tables/single-byte.generated.ts';

export type { Charset } from './charset/contract.ts';

/** Single-byte charsets of iconv-lite that are offered, under their IANA or usual names. */
const ASCII_FAMILY = (
  'ascii iso-8859-1 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-9 ' +
  'iso-8859-10 iso-8859-11 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 windows-1250 windows-1251 windows-1252 ' +
  'windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 cp437 cp737 cp775 cp850 cp852 cp855 ' +
  'cp857 cp858 cp860 cp861 cp862 cp863 cp865 cp866 koi8-r koi8-u'
).split(' ');

/** Its charsets of several bytes a character that can be made strict. */
const MULTIBYTE = 'shift_jis euc-jp gbk gb18030 big5 euc-kr'.split(' ');

const UNICODE = ['utf-8', 'utf-16be', 'utf-16le'];

/** Stands behind a page's name for its pairs alone. */
const PAIRS = '-dbcs';
const PAIRS_OF_MIXED = MIXED_NAMES.map(pairsOf);

/** Every charset name that openCharset gives out, without options; it takes the usual aliases of each too. */
export const CHARSET_NAMES: readonly string[] = [
  ...UNICODE,
  ...ASCII_FAMILY,
  ...MULTIBYTE,
  ...SINGLE_BYTE_NAMES,
  ...MIXED_NAMES,
  ...DOUBLE_BYTE_NAMES,
  ...PAIRS_OF_MIXED,
];

/**
 * Key → name given out, for what is ours and what iconv-lite means otherwise: found without its registry, which takes a while to fill.
 * The numbers of pages of pairs alone are IBM's CCSIDs of the parts of the mixed ones; 1200 and 13488 are those of UTF-16BE (in iconv-lite "UCS-2" is little-endian).
 */
const OWN_KEYS = new Map<string, string>([
  ...UNICODE.map((name) => [keyOf(name), name] as const),
  ...['ibm1200', 'ccsid1200', 'ibm13488', 'ccsid13488'].map((key) => [key, 'utf-16be'] as const),
  ...numberKeys('1208').map((key) => [key, 'utf-8'] as const),
  ...SINGLE_BYTE_NAMES.flatMap((name) => numberKeys(name.slice(2)).map((key) => [key, name] as const)),
  ...[...MIXED_NAMES, ...DOUBLE_BYTE_NAMES].flatMap((name) =>
    numberKeys(name.slice(2)).flatMap((key) => [
      [key, name] as const,
      [`${key}dbcs`, pairsOf(name)] as const,
    ]),
  ),
  ...Object.entries({ 834: 933, 835: 937, 837: 935, 4930: 1364, 4933: 1388, 16684: 1390 }).flatMap(
    ([own, number]) => numberKeys(own).map((key) => [key, pairsOf(`cp${number}`)] as const),
  ),
]);

/** iconv-lite's registry with our pages in it, and its keys → names given out; made for the first name that is not ours. */
let foreign: { readonly registry: Registry; readonly names: ReadonlyMap<string, string> } | undefined;

type Registry = Readonly<Record<string, unknown>>;

/** Charsets of `defineCharset`, by key. */
const defined = new Map<string, { readonly name: string; readonly page: CodePage; readonly text: string }>();

const opened = new Map<string, Charset>();

/**
 * Opens a charset by a name such as `cp037`, `IBM-37`, `IBM01140`, `cp930`, `latin1`, `UTF-8`, with options behind it: `cp1047,swaplfnl`
 * (see Variant). Throws `invalid` (`unknown-charset`) for another. The tables of pages with pairs are unpacked when first used.
 */
export function openCharset(name: string): Charset {
  const { base, variant, suffix } = partsOf(name);
  const key = keyOf(base);
  const known = defined.get(key)?.name ?? OWN_KEYS.get(key) ?? foreignName(key);
  if (known === undefined) throw unknownCharset(base);
  const full = `${known}${suffix}`;
  const charset = opened.get(full) ?? make(known, full, variant);
  opened.set(full, charset);
  return charset;
}

/**
 * Makes a charset of a table and gives it a name that `openCharset` then takes, options included. `text`: ICU's `.ucm` format or a
 * list (see `readPage`), of single bytes, of pairs, or of both with shift codes between them (EBCDIC). A page with both has its
 * pairs as `NAME-dbcs` too. Throws `invalid`: `bad-charset-table`, or `charset-exists` for a name that is taken. `file`: what
 * messages call the table.
 */
export function defineCharset(name: string, text: string, file = name): Charset {
  const key = keyOf(name);
  const before = defined.get(key);
  if (before?.name === name && before.text === text) return openCharset(name);
  if (!/^[a-z][\w.-]*$/i.test(name)) {
    throw misnamed(
      `"${name.slice(0, 100)}" is no name for a charset: it is a letter, then letters, digits, ".", "-" and "_"`,
    );
  }
  if (before !== undefined || OWN_KEYS.has(key) || iconv.encodingExists(name)) {
    throw misnamed(`There is a charset "${name}" already, and a table of one's own needs a name of its own`);
  }
  const page = codePageOf(readPage(file, text));
  checkPage(file, page);
  defined.set(key, { name, page, text });
  const { singles, doubles } = page;
  if (singles !== undefined && doubles !== undefined) {
    defined.set(`${key}dbcs`, { name: pairsOf(name), page: { doubles }, text });
  }
  return openCharset(name);
}

function misnamed(message: string): Fault {
  return new Fault('invalid', message, { code: 'charset-exists', misconfigured: true });
}

function unknownCharset(name: string): Fault {
  const exists: boolean = iconv.encodingExists(name);
  const shown = name.slice(0, 100);
  const message = exists
    ? `The charset "${shown}" is not supported`
    : `There is no charset "${shown}".${didYouMean(name, [...CHARSET_NAMES, 'latin1'])}`;
  return new Fault('invalid', message, {
    code: 'unknown-charset',
    misconfigured: true,
    ...(/^(utf|ucs)-?(16|2)$/i.test(shown)
      ? { hint: 'Say which byte comes first: "utf-16be" or "utf-16le".' }
      : {}),
  });
}

/** `known`: the name without options, `full`: with them. */
function make(known: string, full: string, variant: Variant): Charset {
  const page = pageCalled(known);
  if (page !== undefined) {
    const suffix = full.slice(known.length).replace(',swaplfnl', '');
    return charsetOfPage(full, `${pairsOf(known)}${suffix}`, page, variant);
  }
  if (variant.swaplfnl) throw notSwappable(known);
  if (known === 'utf-8') return utf8(full, variant);
  if (known === 'utf-16be' || known === 'utf-16le') return utf16(full, variant, known === 'utf-16be');
  const converter = {
    decode: (bytes: Uint8Array) => iconv.decode(bytes, known, { stripBOM: false }),
    encode: (text: string) => iconv.encode(text, known),
  };
  return multibyte(full, converter, variant);
}

function pageCalled(known: string): CodePage | undefined {
  const own = defined.get(keyOf(known));
  if (own !== undefined) return own.page;
  if (ASCII_FAMILY.includes(known)) return { singles: asciiPage(known) };
  if (PAIRS_OF_MIXED.includes(known)) {
    const { doubles } = codePage(known.slice(0, -PAIRS.length));
    return doubles === undefined ? {} : { doubles };
  }
  const isOurs = [SINGLE_BYTE_NAMES, MIXED_NAMES, DOUBLE_BYTE_NAMES].some((names) => names.includes(known));
  return isOurs ? codePage(known) : undefined;
}

/** The table of a charset of one byte a character, made from what iconv-lite decodes and encodes. */
function asciiPage(name: string): NonNullable<CodePage['singles']> {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const text = iconv.decode(all, name);
  const written = iconv.encode(text, name);
  const toUnicode = Uint16Array.from(all, (byte) => text.charCodeAt(byte));
  const readOnly = [...all].filter((byte) => toUnicode[byte] !== NO_CHARACTER && written[byte] !== byte);
  return { family: 'ascii', toUnicode, readOnly, fallbacks: new Map() };
}

/** What the charset of a page's pairs alone is called: what PIC G of a record in that page is written in. */
function pairsOf(name: string): string {
  return `${name}${PAIRS}`;
}

/** Puts the EBCDIC pages into iconv-lite with the names that IANA, IBM, Java and .NET give them; returns its registry. */
function register(): Registry {
  // iconv-lite fills its registry when it is first asked for something.
  iconv.encodingExists('utf8');
  const encodings: Registry = iconv.encodings ?? {};
  for (const [name, chars] of Object.entries(SINGLE_BYTE_PAGES)) {
    const aliases = numberKeys(name.slice(2)).map((key) => [key, name] as const);
    Object.assign(encodings, Object.fromEntries(aliases), { [name]: { type: '_sbcs', chars } });
    preferRoundTrips(name, chars, REVERSE_FALLBACKS[name] ?? []);
  }
  return encodings;
}

/** How a page with this number is called, as keys: IANA, IBM, Java and .NET. */
function numberKeys(number: string): readonly string[] {
  const short = number.replace(/^0+/, '');
  return [...new Set([short, short.padStart(3, '0'), short.padStart(5, '0')])].flatMap((digits) =>
    ['cp', 'ibm', 'csibm', 'xibm', 'ccsid', 'ebcdic'].map((prefix) => prefix + digits),
  );
}

/** Of two bytes with the same character iconv-lite writes the greater one; the table may say that it is the other. */
function preferRoundTrips(name: string, chars: string, fallbacks: readonly number[]): void {
  for (const fallback of fallbacks) {
    const character = chars.charAt(fallback);
    const written = [...chars].findIndex((other, byte) => other === character && !fallbacks.includes(byte));
    iconv.getCodec(name)['encodeBuf'][character.charCodeAt(0)] = written;
  }
}

function keyOf(name: string): string {
  return name.toLowerCase().replace(/[^0-9a-z]/g, '');
}

/** The name given out for a key of iconv-lite's. */
function foreignName(key: string): string | undefined {
  if (foreign === undefined) {
    const registry = register();
    const all = [...ASCII_FAMILY, ...MULTIBYTE];
    foreign = { registry, names: new Map(all.map((name) => [registeredKey(registry, keyOf(name)), name])) };
  }
  return foreign.names.get(registeredKey(foreign.registry, key));
}

/** The key under which iconv-lite has a charset: its aliases are followed to the end. */
function registeredKey(registry: Registry, alias: string): string {
  let key = alias;
  for (let target = registry[key]; typeof target === 'string'; target = registry[key]) key = target;
  return key;
}
