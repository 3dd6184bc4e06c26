// Knows: which fields look like days or times, by their names and sizes.
// Must not know: values. What is suggested is for a person to decide.

import type { Layout, Node, ScalarNode } from '../layout.ts';

/** A policy that a field may want: `fields: { [legacyName]: { date, noDate? } }`. */
export interface DateSuggestion {
  /** Dotted API path. */
  readonly path: string;
  readonly legacyName: string;
  readonly date: string;
  /** What is likely to stand for no day: zeros in numbers. */
  readonly noDate?: readonly ('zeros' | 'nines')[];
  /** Why: `8 digits, and DATE in the name`. */
  readonly reason: string;
}

/** Fields of a layout that are no dates yet and look like ones, in the order of the bytes. */
export function suggestDates(layout: Layout): readonly DateSuggestion[] {
  return [...scalars(layout.nodes, '')].flatMap(([path, node]) => suggestion(path, node) ?? []);
}

function* scalars(nodes: readonly Node[], prefix: string): Iterable<readonly [string, ScalarNode]> {
  for (const node of nodes) {
    const inner = node.kind === 'list' ? node.of : node;
    const path = prefix + node.name;
    if (inner.kind === 'scalar') yield [path, inner];
    else if (inner.kind === 'group') yield* scalars(inner.nodes, `${path}.`);
    else if (inner.kind === 'union') {
      for (const { tag, node: variant } of inner.variants) yield* scalars(variant.nodes, `${path}.${tag}.`);
    }
  }
}

/** Words of a name that say what is in it. An update or a candidate is no date, so words are whole ones. */
const DATE_WORDS = /^(?:DATE|DT|DTE|DAT|DOB|DOD|YYYYMMDD|CCYYMMDD|YYMMDD|YYYYDDD|CCYYDDD|YYDDD|CYYMMDD)\d?$/;
const DATE_ENDINGS = /(?:[A-Z]{2}DATE|[A-Z]{3}DT)\d?$/;
const NO_DATE = /(?:UPDATE|CANDIDATE|VALIDATE|MANDATE|CONSOLIDATE|LIQUIDATE|ACCOMMODATE)D?\d?$/;
const TIME_WORDS = /^(?:TIME|TM|TME|HHMMSS|HHMM|HHMMSSTT)\d?$/;
const STAMP_WORDS = /^(?:TIMESTAMP|TSTAMP|TS|TMSTMP|DATETIME)\d?$/;
const JULIAN_WORDS = /^(?:JUL|JULIAN|DDD|YYYYDDD|CCYYDDD|YYDDD)$/;

function suggestion(path: string, node: ScalarNode): DateSuggestion | undefined {
  const { legacyName = '' } = node;
  const room = roomOf(node);
  if (room === undefined || legacyName === '') return undefined;
  const words = legacyName.toUpperCase().split(/[-_]+/);
  const has = (pattern: RegExp) => words.some((word) => pattern.test(word));
  const isStamp = has(STAMP_WORDS);
  const isDate = has(DATE_WORDS) || words.some((word) => DATE_ENDINGS.test(word) && !NO_DATE.test(word));
  const kind = isStamp
    ? 'stamp'
    : isDate
      ? has(JULIAN_WORDS)
        ? 'julian'
        : 'date'
      : has(TIME_WORDS)
        ? 'time'
        : undefined;
  if (kind === undefined) return undefined;
  const date = PATTERNS[kind].find(({ size, text }) => size === room.size && !(text && room.digits))?.pattern;
  if (date === undefined) return undefined;
  const unit = room.digits ? 'digits' : 'characters';
  return {
    path,
    legacyName,
    date,
    ...(room.digits && kind !== 'time' ? { noDate: ['zeros'] as const } : {}),
    reason: `${room.size} ${unit}, and the name says ${kind === 'stamp' ? 'timestamp' : kind === 'time' ? 'time' : 'date'}`,
  };
}

interface Room {
  readonly size: number;
  readonly digits: boolean;
}

function roomOf({ encoding, length }: ScalarNode): Room | undefined {
  switch (encoding.kind) {
    case 'text':
      return { size: length, digits: false };
    case 'zoned':
    case 'packed':
      return encoding.scale === 0 ? { size: encoding.digits, digits: true } : undefined;
    case 'binary':
      return encoding.scale === 0 && encoding.trunc === 'std'
        ? { size: encoding.digits, digits: true }
        : undefined;
    default:
      return undefined;
  }
}

/** `text`: only of texts, which have separators; otherwise of digits too. */
interface Candidate {
  readonly size: number;
  readonly pattern: string;
  readonly text: boolean;
}

const candidate = (pattern: string): Candidate => ({
  size: pattern.length,
  pattern,
  text: /[^A-Za-z]/.test(pattern),
});

const PATTERNS: Readonly<Record<'date' | 'julian' | 'time' | 'stamp', readonly Candidate[]>> = {
  date: ['yyyyMMdd', 'yyMMdd', 'cyyMMdd', 'yyDDD', 'yyyy-MM-dd'].map(candidate),
  julian: ['yyyyDDD', 'yyDDD', 'cyyDDD'].map(candidate),
  time: ['HHmmss', 'HHmm', 'HH:mm:ss', 'HH:mm'].map(candidate),
  stamp: ['yyyyMMddHHmmss', 'yyyy-MM-dd-HH.mm.ss', 'yyyy-MM-dd HH:mm:ss'].map(candidate),
};
