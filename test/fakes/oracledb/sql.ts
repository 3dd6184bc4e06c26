// Oracle's SQL, as far as the adapter writes it, on SQLite: what differs in words is rewritten, what differs in functions is defined.

import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { numberKey, numberText } from './numbers.ts';

const QUOTED = /('(?:[^']|'')*'|"(?:[^"]|"")*")/;

/** Binds are `?1` there; row values are compared with a VALUES; ROWNUM and FETCH FIRST are LIMIT. */
export function translate(sql: string): string {
  const first = /^select \* from \(([\s\S]*)\) where rownum <= (:\d+)$/.exec(sql);
  if (first !== null) return `${translate(first[1] ?? '')} limit plain(${translate(first[2] ?? '')})`;
  return sql
    .replace(/ for update$/, '')
    .replace(/ into :\d+(?:, :\d+)*$/, '')
    .replace(/\("(?:[^"]|"")*"\) values \(default\)/, 'default values')
    .replace(/nvl\((:\d+), empty_blob\(\)\)/g, "coalesce($1, x'')")
    .replace(/nvl\((:\d+), empty_clob\(\)\)/g, "coalesce($1, '')")
    .replace(/cast\((to_timestamp_tz\(:\d+, '[^']*'\)) as timestamp with local time zone\)/g, '$1')
    .replace(/(?:xmlserialize\(content |json_serialize\()("(?:[^"]|"")*") (?:as|returning) clob\)/g, '($1)')
    .split(QUOTED)
    .map((piece, i) =>
      i % 2 === 1
        ? piece
        : piece
            .replace(/fetch first (:\d+) rows only/g, 'limit plain($1)')
            .replace(/\) in \(\(/g, ') in (values (')
            .replace(/:(\d+)/g, '?$1'),
    )
    .join('');
}

/** As moments are kept: nanoseconds, no zone. */
export function momentKey(text: string): string {
  const [moment = '', fraction = ''] = text.replace(/Z$|\+00:00$/, '').split('.');
  return `${moment}.${fraction.padEnd(9, '0')}`;
}

type Text = SQLOutputValue;

/** An empty text is null, and concatenation takes null for an empty text. */
const orNull = (text: string): string | null => (text === '' ? null : text);

export function defineFunctions(database: DatabaseSync): void {
  const define = (name: string, body: (...values: Text[]) => string | number | null): void => {
    database.function(name, { deterministic: true, varargs: true }, (...values) => body(...values));
  };
  const strict = (name: string, body: (...values: string[]) => string | number | null): void =>
    define(name, (...values) => (values.includes(null) ? null : body(...values.map(String))));
  strict('plain', (key) => Number(numberText(key)));
  strict('to_number', (text) => numberKey(text));
  strict('to_date', (text) => momentKey(text));
  strict('to_timestamp', (text) => momentKey(text));
  strict('to_timestamp_tz', (text) => momentKey(text));
  strict('sys_extract_utc', (moment) => moment);
  strict('rowidtochar', (text) => text);
  strict('to_nchar', (text) => text);
  strict('chr', (point) => String.fromCodePoint(Number(point)));
  strict('nchr', (point) => String.fromCodePoint(Number(point)));
  strict('rtrim', (text, blank) => {
    let end = text.length;
    while (end > 0 && text[end - 1] === blank) end--;
    return orNull(text.slice(0, end));
  });
  define('concat', (...parts) => orNull(parts.map((part) => part ?? '').join('')));
  strict('times', (key, factor) => numberKey(String(BigInt(numberText(key)) * BigInt(factor))));
  const numbers = new Map<string, number>();
  database.function('next_number', (table) => {
    const next = (numbers.get(String(table)) ?? 0) + 1;
    numbers.set(String(table), next);
    return numberKey(String(next));
  });
  strict('to_char', (value, format) => {
    if (format === undefined) return value;
    if (format === 'TM9') return numberText(value);
    const [seconds = '', fraction = ''] = value.split('.');
    return ` ${seconds}${format.includes('.FF9') ? `.${fraction}` : ''}${format.endsWith('"Z"') ? 'Z' : ''}`;
  });
  strict('like', (pattern, text, mark) => Number(like(pattern, text, mark)));
}

function like(pattern: string, text: string, mark?: string): boolean {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] ?? '';
    if (character === mark) source += RegExp.escape(pattern[++i] ?? '');
    else source += character === '%' ? '[^]*' : character === '_' ? '[^]' : RegExp.escape(character);
  }
  return new RegExp(`^${source}$`, 'u').test(text);
}
