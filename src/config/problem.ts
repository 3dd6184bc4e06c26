// Knows: what is said about a mistake in the configuration, and how a path into the file is written.
// Must not know: YAML, zod. A problem never holds a value of the file: a value may be a secret.

export interface Problem {
  /** The configuration file as it was named. */
  readonly file: string;
  /** The first line and the first column are 1; absent where the file could not be read at all. */
  readonly line?: number;
  readonly column?: number;
  /** Dotted path in the file: `sources.ledger.collections.accounts.key[0]`; empty for the file itself. */
  readonly path: string;
  readonly message: string;
}

export type Path = readonly (string | number)[];

/** `file:line:column path: message`. Further lines of a message (a copybook's line with its caret) are indented. */
export function problemText({ file, line, column, path, message }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  const [first = '', ...more] = message.split('\n');
  const head = oneLine(path === '' ? `${place}: ${first}` : `${place} ${path}: ${first}`);
  return [head, ...more.map((text) => `    ${oneLine(text)}`)].join('\n');
}

/** `sources.ledger.key[0]`; names with dots are quoted, names that are no plain words are left out. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number' || /^\d+$/.test(step)) return `${text}[${step}]`;
    const word = /^[\w-]+$/.test(step) && isWord(step) ? step : quoted(step);
    return text === '' ? word : `${text}.${word}`;
  }, '');
}

/** The name in quotes. What is no short plain word may be a secret in the wrong place and is not repeated. */
export function quoted(name: string): string {
  return isWord(name) ? `"${name}"` : '"…"';
}

function isWord(name: string): boolean {
  return /^[\w.$#-]{1,64}$/.test(name);
}

const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Text with its control characters written out, so that no name can start a line or move the cursor of a terminal. */
export function oneLine(text: string): string {
  return text.replace(CONTROLS, (control) => {
    return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
