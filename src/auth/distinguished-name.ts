// Knows: when two texts are the same distinguished name of a certificate (RFC 4514), however they are written.
// Must not know: certificates.

/** Type and value. */
type Attribute = readonly [string, string];

/** Names that programs write for the same attribute. */
const ALIASES: Readonly<Record<string, string>> = { E: 'EMAILADDRESS', EMAIL: 'EMAILADDRESS', SURNAME: 'SN' };

/**
 * One form for all ways to write the name; undefined for what is none. Written from either end (`CN=web,O=Bank` as RFC 4514 has it, `O = Bank,
 * CN = web` as openssl prints it), types in any case, with blanks around `=` and `,`, values exactly, escaped or in quotes.
 */
export function canonicalName(text: string): string | undefined {
  const parts = split(text, /[,\n]/).map((part) => split(part, /\+/).map(attributeOf));
  const known: (readonly Attribute[])[] = [];
  for (const part of parts) {
    const attributes = part.flatMap((attribute) => attribute ?? []);
    if (attributes.length !== part.length) return undefined;
    known.push(
      attributes
        .map((attribute): Attribute => attribute)
        .sort((a, b) => (a.join('=') < b.join('=') ? -1 : 1)),
    );
  }
  const forward = JSON.stringify(known);
  const backward = JSON.stringify(known.toReversed());
  return forward < backward ? forward : backward;
}

/** Pieces between separators that are neither escaped nor in quotes. */
function split(text: string, separator: RegExp): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  let inQuotes = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === '\\') {
      piece += character + text.charAt(++i);
      continue;
    }
    if (character === '"') inQuotes = !inQuotes;
    if (!inQuotes && separator.test(character)) {
      pieces.push(piece);
      piece = '';
    } else piece += character;
  }
  return [...pieces, piece];
}

function attributeOf(text: string): readonly [Attribute] | undefined {
  const [, type, value] = /^\s*([A-Za-z][\w-]*|\d+(?:\.\d+)+)\s*=\s*([\s\S]*?)\s*$/.exec(text) ?? [];
  if (type === undefined || value === undefined || value === '') return undefined;
  const name = type.toUpperCase();
  return [[ALIASES[name] ?? name, unescaped(/^".*"$/s.test(value) ? value.slice(1, -1) : value)]];
}

/** `\2C` and `\,` → a comma; pairs of digits are bytes of UTF-8. */
function unescaped(value: string): string {
  return value.replace(/((?:\\[0-9A-Fa-f]{2})+)|\\(.)/gs, (_all, bytes: string | undefined, plain: string) =>
    bytes === undefined
      ? plain
      : new TextDecoder().decode(
          Uint8Array.from(bytes.slice(1).split('\\'), (pair) => Number.parseInt(pair, 16)),
        ),
  );
}

/** SHA-256 of a certificate without colons, in lower case. */
export function canonicalFingerprint(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase();
}
