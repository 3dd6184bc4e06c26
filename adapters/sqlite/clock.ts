// Knows: SQL expressions of SQLite over texts that mean days and times.
// Must not know: columns, parameters. The functions: https://www.sqlite.org/lang_datefunc.html.
// Written as text: Kysely has no words for CASE of this form, GLOB and IS between expressions of ours.

import { type Expression, text } from '../sql/expression.ts';

/**
 * The canonical text of a stored time or timestamp: T between day and time, seconds always, no zeros at the end of
 * a fraction. Equal moments have equal texts, and texts sort as the moments do.
 */
export function clockOperand(kind: 'time' | 'timestamp', stored: Expression): Expression {
  const minutes = kind === 'time' ? 5 : 16;
  const t = kind === 'time' ? stored : text(['replace(', ", ' ', 'T')"], stored);
  return text(
    [
      'case when length(',
      `) = ${minutes} then `,
      " || ':00' when instr(",
      ", '.') > 0 then rtrim(rtrim(",
      ", '0'), '.') else ",
      ' end',
    ],
    t,
    t,
    t,
    t,
    t,
  );
}

/** True for a stored value that is no day: SQLite's own reading of it gives another text, or none. Never null. */
export function notADate(stored: Expression): Expression {
  return text(['', ' is not date(', ')'], stored, stored);
}

/**
 * True for a stored value that is no time or timestamp; false or null for all others. Adding no days makes SQLite work
 * the moment out: without it 24:00:00 stays as it stands.
 */
export function notAClockTime(kind: 'time' | 'timestamp', stored: Expression): Expression {
  const operand = clockOperand(kind, stored);
  const day = kind === 'time' ? "'2000-01-01T' || " : '';
  const seconds = kind === 'time' ? 8 : 19;
  return text(
    [
      '(typeof(',
      `) = 'blob' or ${day}substr(`,
      `, 1, ${seconds}) is not strftime('%Y-%m-%dT%H:%M:%S', ${day}substr(`,
      `, 1, ${seconds}), '+0 days') or substr(`,
      `, ${seconds + 1}, 1) not in ('', '.') or substr(`,
      `, ${seconds + 2}) glob '*[^0-9]*' or length(`,
      `) > ${seconds + 10})`,
    ],
    stored,
    operand,
    operand,
    operand,
    operand,
    operand,
  );
}
