// What a parser that knows nothing of us reads in a statement: its names, its texts, its parameters.

import assert from 'node:assert/strict';
import { Dialect, parse } from '@polyglot-sql/sdk';

export interface Reading {
  /** Names that stand in quotes, without them. */
  readonly quoted: readonly string[];
  /** Names that do not. */
  readonly bare: readonly string[];
  readonly texts: readonly string[];
  /** As many as there are values to bind: `?` counts each time, `$1`, `:1` and `@p1` once. */
  readonly parameters: number;
}

/** Where the parser does not know what its product does: another way to write the same, which it knows. */
const GAPS: Readonly<Partial<Record<Dialect, readonly (readonly [RegExp, string])[]>>> = {
  // No columns and no values is how MySQL writes DEFAULT VALUES.
  [Dialect.MySQL]: [[/ \(\) values \(\)/g, ' (a) values (1)']],
  // Any expression may stand there; of parameters it knows only those in parentheses.
  [Dialect.Oracle]: [
    [/\b(fetch (?:first|next)) (:\w+) rows\b/g, '$1 ($2) rows'],
    [/\boffset (:\w+) rows\b/g, 'offset ($1) rows'],
  ],
};

/** Throws where it is not just as many statements, and each one that the parser understands to its end. */
export function readingOf(sql: string, dialect: Dialect, count = 1): Reading {
  const text = (GAPS[dialect] ?? []).reduce((so, [gap, known]) => so.replace(gap, known), sql);
  const { success, error, ast } = parse(text, dialect);
  assert.ok(success, `${error} in: ${sql}`);
  assert.equal(ast.length, count, `${count} statements: ${sql}`);
  const found = { quoted: new Set<string>(), bare: new Set<string>(), texts: new Set<string>(), places: 0 };
  const named = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const each of node) visit(each);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const members: Readonly<Record<string, unknown>> = { ...node };
    const { name, quoted, args, literal, parameter, placeholder } = members;
    assert.ok(!('command' in members), `not understood: ${sql}`);
    if (
      typeof name === 'string' &&
      typeof quoted === 'boolean' &&
      args === undefined &&
      !('style' in members)
    ) {
      if (quoted) found.quoted.add(name);
      else if (name.startsWith('@')) named.add(name);
      else found.bare.add(name);
    }
    if (typeof literal === 'object' && literal !== null && 'value' in literal && 'literal_type' in literal) {
      if (literal.literal_type !== 'number') found.texts.add(String(literal.value));
    }
    if (parameter !== undefined) named.add(JSON.stringify(parameter));
    if (placeholder !== undefined) found.places++;
    for (const each of Object.values(members)) visit(each);
  };
  visit(ast);
  return {
    quoted: [...found.quoted],
    bare: [...found.bare],
    texts: [...found.texts],
    parameters: named.size + found.places,
  };
}
