// Random record descriptions that GnuCOBOL compiles and this codec lays out: the same text for both.

import type { Random } from '../../random.ts';

/** A compiler's rules: what `cobc -std=…` is told, and which clauses may be drawn. */
export interface Rules {
  readonly dialect: 'ibm' | 'gnucobol' | 'mf';
  /** OCCURS DEPENDING ON with something behind it. */
  readonly complexOdo: boolean;
  /** OCCURS DEPENDING ON inside a table. Inside a plain group GnuCOBOL 3 misplaces what follows. */
  readonly nestedOdo: boolean;
  /**
   * SYNCHRONIZED: not at all (Micro Focus aligns under IBMCOMP only, GnuCOBOL always), up to 4 bytes (IBM aligns binary items of 8 bytes
   * on 4, GnuCOBOL on 8), or all. Never behind a group, as the first of a group, in a table, over other bytes or behind a table that
   * slides: there IBM's manual places the slack bytes elsewhere than GnuCOBOL does.
   */
  readonly sync: 'none' | 'small' | 'all';
  /** Digits of the smallest COMP-5: with one or two GnuCOBOL takes one byte under IBM's rules too, IBM two. */
  readonly leastComp5: number;
}

/** Where GnuCOBOL and the compilers that it imitates are known to differ, records are not compared. */
export const RULES: Readonly<Record<'ibm' | 'mf' | 'gnucobol', Rules>> = {
  ibm: { dialect: 'ibm', complexOdo: true, nestedOdo: true, sync: 'small', leastComp5: 3 },
  mf: { dialect: 'mf', complexOdo: true, nestedOdo: false, sync: 'none', leastComp5: 1 },
  gnucobol: { dialect: 'gnucobol', complexOdo: false, nestedOdo: false, sync: 'all', leastComp5: 1 },
};

/** What `cobc` is told for each. */
export const COBC: Readonly<Record<Rules['dialect'], readonly string[]>> = {
  ibm: ['-std=ibm', '-fodoslide'],
  mf: ['-std=mf'],
  gnucobol: ['-std=default', '-flarger-redefines-ok'],
};

/**
 * Where a table depends on a counter, GnuCOBOL 3 miscounts LENGTH OF the record: it leaves slack bytes out, and takes what a longer
 * redefinition adds twice.
 */
export function isMiscounted(record: RandomItem): boolean {
  return hasClause(record, 'DEPENDING') && (hasClause(record, 'REDEFINES') || hasClause(record, 'SYNC'));
}

function hasClause({ clauses, children }: RandomItem, word: string): boolean {
  return clauses.includes(word) || children.some((child) => hasClause(child, word));
}

/** A data item that a program can name. */
export interface RandomItem {
  readonly name: string;
  readonly level: number;
  /** What stands between the name and the period. */
  readonly clauses: string;
  readonly children: readonly RandomItem[];
  /** Elements of the table that the item is. */
  readonly occurs?: number;
  readonly filler?: boolean;
}

interface Drawing {
  readonly random: Random;
  readonly rules: Rules;
  /** Begins every name. */
  readonly prefix: string;
  next: number;
  /** The counter that tables may depend on, outside of tables, and the most that all of them allow. */
  counter: { readonly name: string; most: number } | undefined;
  /** A table that depends on a counter was drawn. */
  odo: boolean;
}

/** A record of two to ten items at its top. */
export function randomRecord(random: Random, rules: Rules, prefix: string): RandomItem {
  const drawing: Drawing = { random, rules, prefix, next: 1, counter: undefined, odo: false };
  const children = drawItems(drawing, 5, 2 + random.int(9), {
    inTable: false,
    redefining: false,
    behindItem: false,
  });
  return { name: prefix, level: 1, clauses: '', children };
}

interface Around {
  readonly inTable: boolean;
  readonly redefining: boolean;
  /** The item before it in its group is elementary. */
  readonly behindItem: boolean;
}

function drawItems(drawing: Drawing, level: number, count: number, around: Around): readonly RandomItem[] {
  const { random } = drawing;
  const items: RandomItem[] = [];
  for (let i = 0; i < count; i++) {
    // Without complex ODO, what depends on a counter is the last of the record.
    if (drawing.odo && !drawing.rules.complexOdo) break;
    const last = items.at(-1);
    const place = { ...around, behindItem: last !== undefined && last.children.length === 0 };
    const target =
      last !== undefined && last.occurs === undefined && !last.filler && !hasClause(last, 'DEPENDING');
    if (target && !around.redefining && random.chance(0.12)) {
      items.push(drawItem(drawing, level, { ...place, redefining: true }, ` REDEFINES ${originalOf(last)}`));
    } else {
      items.push(drawItem(drawing, level, place, ''));
    }
  }
  return items;
}

/** Of several items over the same bytes the first one is named. */
function originalOf({ name, clauses }: RandomItem): string {
  return /^ REDEFINES (\S+)/.exec(clauses)?.[1] ?? name;
}

function drawItem(drawing: Drawing, level: number, around: Around, redefines: string): RandomItem {
  const { random, prefix } = drawing;
  const name = `${prefix}-F${drawing.next++}`;
  const plain = redefines === '' && !around.redefining;
  if (plain && !around.inTable && random.chance(0.1)) {
    drawing.counter = { name, most: 2 + random.int(4) };
    return { name, level, clauses: random.pick(COUNTERS), children: [] };
  }
  const occurs = redefines === '' && random.chance(0.15) ? 1 + random.int(4) : undefined;
  const { counter } = drawing;
  const depending =
    occurs !== undefined &&
    plain &&
    counter !== undefined &&
    (around.inTable ? drawing.rules.nestedOdo : level === 5);
  const most = depending ? counter.most : occurs;
  const table =
    occurs === undefined
      ? ''
      : depending
        ? ` OCCURS ${random.int(2)} TO ${most} DEPENDING ON ${counter.name}`
        : ` OCCURS ${occurs}`;
  const size = most === undefined ? {} : { occurs: most };
  const inner = { ...around, inTable: around.inTable || occurs !== undefined };
  const group = level < 20 && random.chance(0.25);
  const filler = plain && occurs === undefined && random.chance(group ? 0.05 : 0.08);
  const shown = filler ? { filler } : {};
  if (!group) {
    if (depending) drawing.odo = true;
    return {
      name,
      level,
      clauses: redefines + table + drawPicture(drawing, around),
      children: [],
      ...size,
      ...shown,
    };
  }
  const usage = random.chance(0.15) ? random.pick(GROUP_CLAUSES) : '';
  const children =
    usage === ''
      ? drawItems(drawing, level + 5, 1 + random.int(4), inner)
      : drawNumbers(drawing, level + 5, 1 + random.int(3));
  if (depending) drawing.odo = true;
  return { name, level, clauses: redefines + table + usage, children, ...size, ...shown };
}

/** Numbers without a USAGE of their own, for groups that have one. */
function drawNumbers(drawing: Drawing, level: number, count: number): readonly RandomItem[] {
  return Array.from({ length: count }, () => {
    const name = `${drawing.prefix}-F${drawing.next++}`;
    return { name, level, clauses: ` PIC S9(${1 + drawing.random.int(18)})`, children: [] };
  });
}

const COUNTERS = [' PIC 9(2)', ' PIC 9(4) COMP', ' PIC S9(3) COMP-3', ' PIC 9'];
const GROUP_CLAUSES = [
  ' COMP-3',
  ' COMP',
  ' USAGE BINARY',
  ' SIGN IS LEADING SEPARATE',
  ' SIGN TRAILING SEPARATE',
];
const EDITED = [
  'ZZ9',
  'Z(5)9.99',
  'ZZZ,ZZ9.99-',
  '$$,$$9.99',
  '+++9',
  '-(6)9.9(3)',
  '9(5).99CR',
  '9(3)DB',
  '**,**9.99',
  '99/99/9999',
  '9B9B9',
  '0(3)9(2)',
  '9(6).9(2)',
  '-9(8)',
  '9(4)-',
  'Z(8)',
  '$9(5).99',
  'X(2)/X(3)',
  'XXBXX',
  'A(3)BA(2)0X',
];

function drawPicture({ random, rules, odo }: Drawing, { redefining, inTable, behindItem }: Around): string {
  const mayAlign = !odo && !redefining && !inTable && behindItem;
  const digits = 1 + random.int(18);
  const scale = random.chance(0.4) ? random.int(digits + 1) : 0;
  const number = (sign: string) =>
    scale === 0
      ? `${sign}9(${digits})`
      : scale === digits
        ? `${sign}V9(${scale})`
        : `${sign}9(${digits - scale})V9(${scale})`;
  const either = random.chance(0.6) ? 'S' : '';
  switch (random.int(15)) {
    case 0:
    case 1:
      return ` PIC X(${1 + random.int(30)})${random.chance(0.1) ? ' JUST RIGHT' : ''}`;
    case 2:
      return ` PIC A(${1 + random.int(12)})`;
    case 3:
    case 4: {
      const sign =
        either === 'S'
          ? random.pick([
              '',
              '',
              ' SIGN LEADING',
              ' SIGN TRAILING SEPARATE',
              ' SIGN IS LEADING SEPARATE CHARACTER',
            ])
          : '';
      return ` PIC ${number(either)}${sign}`;
    }
    case 5:
    case 6:
      return ` PIC ${number(either)} ${random.pick(['COMP-3', 'PACKED-DECIMAL', 'USAGE IS COMPUTATIONAL-3'])}`;
    case 7:
    case 8: {
      const aligned = mayAlign && (rules.sync === 'all' || (rules.sync === 'small' && digits <= 9));
      const sync = aligned && random.chance(0.3) ? random.pick([' SYNC', ' SYNCHRONIZED']) : '';
      return ` PIC ${number(either)} ${random.pick(['COMP', 'BINARY', 'COMP-4', 'USAGE COMP'])}${sync}`;
    }
    case 9:
      return ` PIC ${either}9(${Math.max(digits, rules.leastComp5)}) COMP-5`;
    case 10:
      return random.pick([
        ' COMP-1',
        ' COMP-2',
        ...(rules.sync === 'none' || !mayAlign ? [] : [' COMP-1 SYNC', ' USAGE COMPUTATIONAL-2 SYNC']),
      ]);
    case 11:
      return ` PIC ${random.pick(EDITED)}`;
    case 12:
      return random.pick([
        ' BINARY-CHAR',
        ' BINARY-SHORT UNSIGNED',
        ' BINARY-LONG SIGNED',
        ' BINARY-DOUBLE',
        ' INDEX',
        ' POINTER',
        ' PIC N(3)',
        ' PIC 9(5) BLANK WHEN ZERO',
      ]);
    case 13:
      if (rules.dialect === 'ibm') return ` PIC 9(${1 + random.int(3)})P(${1 + random.int(3)})`;
      return random.pick([
        ` PIC 9(${digits}) COMP-6`,
        ` PIC 9(${digits}) COMP-X`,
        ` PIC X(${1 + random.int(8)}) COMP-X`,
      ]);
    default:
      return random.pick([
        ` PIC S9(${19 + random.int(13)})`,
        ` PIC S9(${19 + random.int(13)})V99 COMP-3`,
        ' PIC SVPP9(3)',
        ' PIC 9(3)PP COMP-3',
        ' PIC SVPP9(4) COMP-3',
        ' PIC 9(3)PP',
      ]);
  }
}

/** The record as COBOL, in free format. */
export function copybookText(item: RandomItem): string {
  const name = item.filler ? 'FILLER' : item.name;
  const own = `${' '.repeat(item.level)}${String(item.level).padStart(2, '0')} ${name}${item.clauses}.\n`;
  return own + item.children.map(copybookText).join('');
}

/** Every item that a program can name, with the size of each table around it, outermost first. */
export function* namedItems(
  item: RandomItem,
  tables: readonly number[] = [],
): Iterable<{ readonly item: RandomItem; readonly tables: readonly number[] }> {
  const around = item.occurs === undefined ? tables : [...tables, item.occurs];
  if (!item.filler) yield { item, tables: around };
  for (const child of item.children) yield* namedItems(child, around);
}

/** Every counter and the most that its tables allow. */
export function counterMaxima(
  item: RandomItem,
  found = new Map<string, number>(),
): ReadonlyMap<string, number> {
  const [, counter] = /DEPENDING ON (\S+)/.exec(item.clauses) ?? [];
  if (counter !== undefined) {
    found.set(counter, Math.min(item.occurs ?? 1, found.get(counter) ?? Number.POSITIVE_INFINITY));
  }
  for (const child of item.children) counterMaxima(child, found);
  return found;
}
