// Knows: which regular expressions of XML Schema (part 2, appendix F) can be checked with JavaScript's, and how.
// Must not know: types, values.

const ESCAPES: Readonly<Record<string, string>> = {
  i: String.raw`[\p{L}_:]`,
  I: String.raw`[^\p{L}_:]`,
  c: String.raw`[\p{L}\p{N}\p{M}._:·-]`,
  C: String.raw`[^\p{L}\p{N}\p{M}._:·-]`,
  d: String.raw`\p{Nd}`,
  D: String.raw`\P{Nd}`,
  w: String.raw`[^\p{P}\p{Z}\p{C}]`,
  W: String.raw`[\p{P}\p{Z}\p{C}]`,
  s: '[ \\t\\n\\r]',
  S: '[^ \\t\\n\\r]',
};

/**
 * The whole text must match. Undefined for what has no safe counterpart: subtraction of classes, escapes inside classes that stand for
 * classes themselves, and repetition inside repetition, which a hostile text could make take forever. It is then not checked.
 */
export function patternOf(pattern: string): RegExp | undefined {
  if (/\[[^\]]*-\[/.test(pattern) || /\[[^\]]*\\[icdwsICDWS]/.test(pattern)) return undefined;
  if (/[*+}][^()]*\)[^()]*\)?[*+{]/.test(pattern)) return undefined;
  const translated = pattern
    .replace(/\\([icdwsICDWS])/g, (_, letter: string) => ESCAPES[letter] ?? '')
    .replace(/(?<!\\)[\^$]/g, (anchor, at: number) => (isInClass(pattern, at) ? anchor : `\\${anchor}`))
    .replace(/\\-(?![^[]*\])/g, '-');
  try {
    return new RegExp(`^(?:${translated})$`, 'u');
  } catch {
    return undefined;
  }
}

function isInClass(pattern: string, at: number): boolean {
  const before = pattern.slice(0, at);
  return before.lastIndexOf('[') > before.lastIndexOf(']');
}
