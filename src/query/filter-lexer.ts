// Knows: how a filter text falls into tokens, each with its place.
// Must not know: fields, operators, grammar.

export type Token =
  /** A run of characters without blanks, quotes, commas and parentheses: a path, an operator, a number, a date. */
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  /** The content of a quoted text, doubled quotes already single. */
  | { readonly kind: 'text'; readonly text: string; readonly at: number }
  | { readonly kind: '(' | ')' | ','; readonly at: number }
  | { readonly kind: 'end'; readonly at: number };

/** A quoted text without its closing quote. */
export interface Unclosed {
  readonly unclosedAt: number;
}

const TOKEN = /(\s*)(?:([(),])|'((?:[^']|'')*)'|([^\s(),']+))?/y;

/** Tokens in order, the last is `end`. `at`: offset of the first character, the text begins at 0. */
export function tokenize(text: string): readonly Token[] | Unclosed {
  const tokens: Token[] = [];
  let from = 0;
  for (;;) {
    TOKEN.lastIndex = from;
    const [whole = '', blanks = '', mark, quoted, word] = TOKEN.exec(text) ?? [];
    const at = from + blanks.length;
    from += whole.length;
    if (mark === '(' || mark === ')' || mark === ',') tokens.push({ kind: mark, at });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replaceAll("''", "'"), at });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, at });
    else if (at < text.length) return { unclosedAt: at };
    else {
      tokens.push({ kind: 'end', at });
      return tokens;
    }
  }
}
