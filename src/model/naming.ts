// Knows: THE naming rule from legacy names to API names, English plurals of type names, and the nearest word.
// Must not know: COBOL, SQL or XML beyond the characters that their names may hold.

/** Words of a legacy name: `CUST-ID` → cust, id; `AcctNo` → acct, no; `XMLData2` → xml, data2. */
function words(legacyName: string): readonly string[] {
  return legacyName
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/([a-z]\d*)([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

/** With a capital first letter, the others as they are. */
export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** A name of a GraphQL field, a JSON member and a query parameter: `CUST-ID` → `custId`, `1ST-NAME` → `n1stName`. */
export function camelCase(legacyName: string): string {
  const [first = 'field', ...rest] = words(legacyName);
  const name = first + rest.map(capital).join('');
  return /^[0-9]/.test(name) ? `n${name}` : name;
}

/** A type name: `cust-address` → `CustAddress`. */
export function pascalCase(legacyName: string): string {
  return capital(camelCase(legacyName));
}

/** A name of an enum value: `STATUS-ACTIVE` → `STATUS_ACTIVE`. `true`, `false`, `null` cannot occur: GraphQL forbids them in lower case only. */
export function upperSnake(legacyName: string): string {
  const name = words(legacyName).join('_').toUpperCase() || 'VALUE';
  return /^[0-9]/.test(name) ? `N${name}` : name;
}

/** True for what the API can use as a name as it stands. */
export function isApiName(name: string): boolean {
  return /^[a-z][A-Za-z0-9]*$/.test(name);
}

const SINGULARS: readonly (readonly [RegExp, string])[] = [
  [/(ss|us|is)$/, '$1'],
  [/ies$/, 'y'],
  [/(x|z|ch|sh|ss)es$/, '$1'],
  [/uses$/, 'us'],
  [/s$/, ''],
];

/** One of many: `branches` → `branch`, `accounts` → `account`; a word that is no plural stays. */
export function singular(plural: string): string {
  for (const [ending, replacement] of SINGULARS) {
    if (ending.test(plural)) return plural.replace(ending, replacement);
  }
  return plural;
}

/**
 * Names for a list of siblings: the rule's name, with `2`, `3` … behind it where two legacy names fall together
 * (`A-B` and `A_B`). The order decides, so the same copybook always gets the same names.
 */
export function distinct(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  const wanted = new Set(names);
  return names.map((name) => {
    let candidate = name;
    for (let n = 2; taken.has(candidate) || (candidate !== name && wanted.has(candidate)); n++) {
      candidate = `${name}${n}`;
    }
    taken.add(candidate);
    return candidate;
  });
}

/**
 * Hands out names, each once: the wanted one, or with `2`, `3` … behind it. The order of asking decides, so the
 * same catalog always gets the same names.
 */
export function nameGiver(reserved: Iterable<string> = []): (wanted: string) => string {
  const taken = new Set(reserved);
  return (wanted) => {
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted}${n}`;
    taken.add(name);
    return name;
  };
}

/** Edits (insert, delete, replace, swap neighbours) between two words, ignoring case. */
function distance(a: string, b: string): number {
  const s = a.toLowerCase();
  const t = b.toLowerCase();
  let before: number[] = [];
  let previous = Array.from({ length: t.length + 1 }, (_, j) => j);
  for (let i = 1; i <= s.length; i++) {
    const current = [i];
    for (let j = 1; j <= t.length; j++) {
      const same = s[i - 1] === t[j - 1] ? 0 : 1;
      let best = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && s[i - 1] === t[j - 2] && s[i - 2] === t[j - 1]) {
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      }
      current[j] = best;
    }
    before = previous;
    previous = current;
  }
  return previous[t.length] ?? 0;
}

/** The nearest of the valid words, if one is near enough to be what was meant. */
export function nearest(word: string, valid: Iterable<string>): string | undefined {
  if (word.length > 100) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of valid) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const d = distance(word, candidate);
    if (d < bestDistance) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}

/** ` Did you mean "custId"?` or nothing, to append to a message. */
export function didYouMean(word: string, valid: Iterable<string>): string {
  const near = nearest(word, valid);
  return near === undefined ? '' : ` Did you mean "${near}"?`;
}
