// Knows: the patterns that name several files, and which names each step of one matches.
// Must not know: folders, and what the files are.
//
// `*` any characters, `?` one, `[a-z]` `[!a-z]` one of a set, `{a,b}` one of several texts (Open Group Base Specifications, "Pattern Matching
// Notation"; braces as in csh), none of them a leading dot or a `/`; a backslash takes the next character as it stands.

import { misconfigured } from '../misconfigured.ts';

export interface Glob {
  /** As configured. */
  readonly text: string;
  readonly absolute: boolean;
  /** One for each part between slashes. */
  readonly steps: readonly GlobStep[];
}

export interface GlobStep {
  /** Without wildcards: the one name that it stands for. */
  readonly literal?: string;
  matches(name: string): boolean;
}

/** Throws a misconfigured Fault (`bad-glob`) for what is no pattern of this kind. */
export function parseGlob(text: string): Glob {
  if (text.includes('\0')) throw badGlob(text, 'cannot hold a NUL character');
  const absolute = text.startsWith('/');
  const parts = text.slice(absolute ? 1 : 0).split('/');
  if (parts.includes('')) throw badGlob(text, 'has nothing between two slashes');
  return { text: text.replaceAll('\0', ''), absolute, steps: parts.map((part) => stepOf(text, part)) };
}

function stepOf(text: string, part: string): GlobStep {
  if (part === '.' || part === '..') throw badGlob(text, `has the step "${part}"`);
  if (part.includes('**')) throw badGlob(text, 'has "**", which is not offered: write each folder as "*"');
  const literal = literalOf(part);
  if (literal !== undefined) return { literal, matches: (name) => name === literal };
  const pattern = new RegExp(`^${source(text, part)}$`, 'su');
  return { matches: (name) => pattern.test(name) };
}

function literalOf(part: string): string | undefined {
  return /^(?:[^*?[\]{}\\]|\\.)+$/su.test(part) ? part.replaceAll(/\\(.)/gsu, '$1') : undefined;
}

const TOKEN = /\\.|\[(?:!|\^)?(?:\\.|\]|[^\\\]])(?:\\.|[^\\\]])*\]|./gsu;

function source(text: string, part: string): string {
  let out = '';
  /** For each open brace: did it open at the start of the name? */
  const braces: boolean[] = [];
  let atStart = true;
  for (const [token] of part.matchAll(TOKEN)) {
    const noDot = atStart ? String.raw`(?!\.)` : '';
    if (token === '{') {
      braces.push(atStart);
      out += '(?:';
      continue;
    }
    if (token === ',' && braces.length > 0) {
      atStart = braces.at(-1) ?? false;
      out += '|';
      continue;
    }
    if (token === '}') {
      if (braces.pop() === undefined) throw badGlob(text, 'has a "}" without its "{"');
      out += ')';
    } else if (token === '*') out += `${noDot}[^/]*`;
    else if (token === '?') out += `${noDot}[^/]`;
    else if (token.length > 1 && token.startsWith('[')) out += noDot + setSource(text, token);
    else if (token === '[') throw badGlob(text, 'has a "[" without its "]"');
    else if (token === '\\') throw badGlob(text, 'ends in a backslash');
    else out += RegExp.escape(token.startsWith('\\') ? token.slice(1) : token);
    atStart = false;
  }
  if (braces.length > 0) throw badGlob(text, 'has a "{" without its "}" in the same step');
  return out;
}

function setSource(text: string, token: string): string {
  const negated = /^\[[!^]/.test(token);
  const members = [...token.slice(negated ? 2 : 1, -1).matchAll(/\\.|./gsu)].map(([member]) => member);
  if (members[0] === '[' && /^[:.=]$/.test(members[1] ?? '')) {
    throw badGlob(text, 'has a class such as [[:digit:]], which is not offered: write [0-9]');
  }
  const escaped = members.map((member, i) => {
    const isRange = member === '-' && i > 0 && i < members.length - 1;
    return isRange
      ? '-'
      : RegExp.escape(member.length > 1 && member.startsWith('\\') ? member.slice(1) : member);
  });
  try {
    const set = `[${negated ? '^/' : ''}${escaped.join('')}]`;
    new RegExp(set, 'u');
    return set;
  } catch {
    throw badGlob(text, `has the set ${token}, whose range goes backwards`);
  }
}

function badGlob(text: string, what: string) {
  return misconfigured(
    'bad-glob',
    `The pattern "${text.replaceAll('\0', '')}" ${what}`,
    'A pattern has * ? [a-z] {a,b} within the steps of a path; a backslash before one of them takes it as it stands.',
  );
}
