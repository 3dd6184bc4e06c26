// Knows: what the names of the files of a set say: dates, and generations of generation data groups.
// Must not know: where the files are, what is in them.

import { compareText, Fault } from '#spi';
import { misconfigured } from '../misconfigured.ts';

/** `latest` is 0; a number below is relative to it as in JCL, a number above is the generation's own. */
export type Generations = 'all' | 'latest' | number;

export interface Generation {
  /** The name without it. */
  readonly base: string;
  readonly number: number;
  readonly version: number;
}

/** `PROD.CUST.G0042V00`: z/OS DFSMS Using Data Sets, "Absolute Generation and Version Numbers". What may follow is a file's extension. */
export function generationOf(name: string): Generation | undefined {
  const found = /^(.*)\.G(\d{4})V(\d\d)((?:\.[^./]*)?)$/su.exec(name);
  if (found === null) return undefined;
  const [, before = '', number = '', version = '', after = ''] = found;
  return { base: before + after, number: Number(number), version: Number(version) };
}

/** Generations of one group this far apart are of two rounds: numbers begin again behind 9999. */
const HALF_ROUND = 5_000;

/**
 * The names that are members, in the order of their names. Without `generations` a name that is in no group is one, too, and of each
 * group there is the latest; of one generation in several versions there is the highest.
 */
export function chosenNames(
  names: readonly string[],
  generations: Generations | undefined,
): readonly string[] {
  const groups = new Map<string, { readonly name: string; readonly of: Generation }[]>();
  const chosen: string[] = [];
  for (const name of names) {
    const of = generationOf(name);
    if (of === undefined) {
      if (generations === undefined) chosen.push(name);
      continue;
    }
    const group = groups.get(of.base);
    if (group === undefined) groups.set(of.base, [{ name, of }]);
    else group.push({ name, of });
  }
  for (const group of groups.values()) {
    const highest = Math.max(...group.map(({ of }) => of.number));
    const place = ({ number }: Generation) => (highest - number > HALF_ROUND ? number + 10_000 : number);
    const ordered = group.toSorted(
      (a, b) => place(a.of) - place(b.of) || a.of.version - b.of.version || compareText(a.name, b.name),
    );
    const current = ordered.filter(({ of }, i) => ordered[i + 1]?.of.number !== of.number);
    chosen.push(...pick(current, generations ?? 'latest').map(({ name }) => name));
  }
  return chosen.toSorted(compareText);
}

function pick<Member extends { readonly of: Generation }>(
  ascending: readonly Member[],
  generations: Generations,
): readonly Member[] {
  if (generations === 'all') return ascending;
  if (generations !== 'latest' && generations > 0) {
    return ascending.filter(({ of }) => of.number === generations);
  }
  const relative = generations === 'latest' ? 0 : generations;
  const member = ascending.at(relative - 1);
  return member === undefined ? [] : [member];
}

export interface DatePattern {
  /** Canonical date. Throws `corrupt` for a name that has no such date, or two different ones. */
  dateOf(name: string): string;
}

const PARTS: Readonly<Record<string, string>> = {
  yyyy: String.raw`(?<year>\d{4})`,
  yy: String.raw`(?<short>\d\d)`,
  MM: String.raw`(?<month>\d\d)`,
  dd: String.raw`(?<day>\d\d)`,
  DDD: String.raw`(?<ofYear>\d{3})`,
};

/**
 * A pattern such as `yyyyMMdd`, `'D'yyMMdd` or `yyyy.DDD`, found anywhere in a name, but not within a longer number. yyyy or yy (2000 to 2099), with MM
 * and dd, or with DDD, the day of the year; other characters stand for themselves, letters in quotes. Throws a misconfigured Fault.
 */
export function datePattern(text: string): DatePattern {
  const tokens = tokensOf(text);
  const parts = tokens.filter((token) => token in PARTS);
  const kind = parts.toSorted().join(' ');
  const stray = tokens.some((token) => /^\p{L}$/u.test(token));
  if (stray || !['MM dd yyyy', 'MM dd yy', 'DDD yyyy', 'DDD yy'].includes(kind)) {
    throw misconfigured(
      'bad-date-pattern',
      `"${text}" is no pattern of a date`,
      "Write the year as yyyy or yy with MM and dd, or with DDD (day of the year), and letters that stand in the name in quotes: 'D'yyMMdd.",
    );
  }
  const body = tokens.map((token) => PARTS[token] ?? RegExp.escape(token.replaceAll("'", ''))).join('');
  const pattern = new RegExp(String.raw`(?<!\d)(?=(${body})(?!\d))`, 'gsu');
  return {
    dateOf(name) {
      const dates = new Set(
        [...name.matchAll(pattern)].flatMap(({ groups }) => dateFrom(groups ?? {}) ?? []),
      );
      const [date] = dates;
      if (date !== undefined && dates.size === 1) return date;
      throw new Fault(
        'corrupt',
        date === undefined
          ? `The name "${name}" has no date of the form ${text}`
          : `The name "${name}" has ${dates.size} dates of the form ${text}`,
        {
          code: date === undefined ? 'no-date-in-name' : 'ambiguous-date-in-name',
          file: name,
          hint: 'Narrow the pattern of the files, or that of the date.',
        },
      );
    },
  };
}

/** Quoted letters, parts of a date, and single other characters; a letter that is none of these is a token of its own and no part. */
function tokensOf(text: string): readonly string[] {
  return [...text.matchAll(/'[^']*'|yyyy|yy|MM|DDD|dd|./gsu)].map(([token]) => token);
}

function dateFrom(groups: Readonly<Record<string, string | undefined>>): string | undefined {
  const year = Number(groups['year'] ?? `20${groups['short']}`);
  try {
    if (groups['ofYear'] === undefined) {
      const fields = { year, month: Number(groups['month']), day: Number(groups['day']) };
      return Temporal.PlainDate.from(fields, { overflow: 'reject' }).toString();
    }
    const dayOfYear = Number(groups['ofYear']);
    const first = Temporal.PlainDate.from({ year, month: 1, day: 1 });
    return dayOfYear < 1 || dayOfYear > first.daysInYear
      ? undefined
      : first.add({ days: dayOfYear - 1 }).toString();
  } catch {
    return undefined;
  }
}
