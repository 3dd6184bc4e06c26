// Knows: how the dictionary's words about procedures, functions and packages become routines of a saved model.
// Must not know: connections, how a routine is called.

import type { SavedParameter, SavedRoutine } from '../sql/model.ts';
import type { Ask, Line, Omitted } from './catalog-lines.ts';
import { ARGUMENTS, ROUTINES, ROW_TYPES } from './catalog-sql.ts';
import { declaredType, type TypeWords } from './declared.ts';
import { isShown, knownType } from './types.ts';

/** Types of PL/SQL that have no values outside of it, by the words that the dictionary has for them. */
const COMPOSITE = new Set([
  'PL/SQL RECORD',
  'PL/SQL TABLE',
  'TABLE',
  'VARRAY',
  'OBJECT',
  'OPAQUE/XMLTYPE',
  'REF',
]);
const CURSOR = 'REF CURSOR';
/** Integers of PL/SQL alone. */
const INTEGERS = new Set(['BINARY_INTEGER', 'PLS_INTEGER']);

export async function routinesOf(ask: Ask, omitted: Omitted[]): Promise<readonly SavedRoutine[]> {
  const routines = await ask(ROUTINES);
  const given = Map.groupBy(await ask(ARGUMENTS), ([owner, pack, name, id]) => key(owner, pack, name, id));
  const rowTypes = Map.groupBy(await ask(ROW_TYPES), ([owner, name]) => `${owner}.${name}`);
  return routines.flatMap((line): readonly SavedRoutine[] => {
    const [owner = '', object = '', procedure, objectType] = line;
    const inPackage = objectType === 'PACKAGE';
    // The package itself has a row too.
    if (inPackage && procedure === undefined) return [];
    const pack = inPackage ? object : undefined;
    const name = inPackage ? (procedure ?? '') : object;
    const shown = [owner, ...(pack === undefined ? [] : [pack]), name].join('.');
    const routine = routineOf(line, given.get(key(owner, pack, name, line[5])) ?? [], rowTypes);
    if (typeof routine !== 'string') {
      return [{ schema: owner, ...(pack === undefined ? {} : { package: pack }), name, ...routine }];
    }
    if (!omitted.some((entry) => entry.name === shown)) omitted.push({ name: shown, reason: routine });
    return [];
  });
}

function key(owner?: string, pack?: string, name?: string, id?: string): string {
  return [owner, pack, name, id].join('\0');
}

type Shape = Pick<SavedRoutine, 'kind' | 'parameters' | 'returns' | 'returnsCursor' | 'results'>;

/** What it takes and gives, or why it cannot be exposed. */
function routineOf(
  [, , , , , , pipelined, aggregate]: Line,
  lines: readonly Line[],
  rowTypes: ReadonlyMap<string, readonly Line[]>,
): Shape | string {
  if (aggregate === 'YES') return 'an aggregate function, for use in SQL alone';
  const returned = lines.find(([, , , , , position]) => position === '0');
  const taken = lines.filter((line) => line !== returned);
  for (const line of taken) {
    const reason = whyNot(line);
    if (reason !== undefined) return `its parameter ${line[4]} is ${reason}`;
  }
  const parameters = taken.map(parameterOf);
  if (returned === undefined) return { kind: 'procedure', parameters };
  if (pipelined === 'YES' || isCollection(returned)) {
    const columns = rowTypes.get(`${returned[14]}.${returned[15]}`);
    const outside = parameters.some(({ mode }) => mode !== 'in');
    if (columns === undefined || returned[16] !== undefined || outside) {
      return 'the rows that it returns are not of an object type of a schema';
    }
    const results = columns.map(resultColumn);
    if (results.some(({ type }) => !isShown(type) || knownType(type).storage === 'other')) {
      return 'the rows that it returns have columns that cannot be shown';
    }
    return { kind: 'table function', parameters, results: [results] };
  }
  const reason = whyNot(returned);
  if (reason !== undefined) return `what it returns is ${reason}`;
  const returnsCursor = isCursor(returned);
  return {
    kind: 'function',
    parameters,
    returns: typeOf(returned),
    ...(returnsCursor ? { returnsCursor } : {}),
  };
}

function isCollection(line: Line): boolean {
  return line[6] === 'TABLE' || line[6] === 'VARRAY';
}

function isCursor(line: Line): boolean {
  return line[6] === CURSOR;
}

function wordsOf(line: Line): TypeWords {
  return {
    type: line[6] ?? '',
    length: line[9],
    precision: line[10],
    scale: line[11],
    characters: line[12],
    used: line[13],
  };
}

function whyNot(line: Line): string | undefined {
  const { type } = wordsOf(line);
  if (COMPOSITE.has(type)) {
    const name = [line[14], line[15], line[16]].filter((part) => part !== undefined).join('.');
    return name === '' ? `of the composite type ${type}` : `of the composite type ${name}`;
  }
  if (isCursor(line)) return line[7] === 'OUT' ? undefined : 'a cursor that has to be opened by the caller';
  return isShown(type) ? undefined : `of the type ${type}, which has no values to show`;
}

function typeOf(line: Line): string {
  const words = wordsOf(line);
  if (INTEGERS.has(words.type)) return 'NUMBER(10)';
  return words.type === 'PL/SQL BOOLEAN' ? 'BOOLEAN' : declaredType(words);
}

function parameterOf(line: Line): SavedParameter {
  const mode = line[7] === 'OUT' ? 'out' : line[7] === 'IN/OUT' ? 'inout' : 'in';
  return {
    name: line[4] ?? '',
    type: typeOf(line),
    mode,
    ...(isCursor(line) ? { cursor: true } : {}),
    ...(line[8] === 'Y' && mode === 'in' ? { optional: true } : {}),
  };
}

function resultColumn([, , name = '', , type = '', length, precision, scale]: Line) {
  return {
    name,
    type: declaredType({ type, length, precision, scale, characters: length, used: undefined }),
    nullable: true,
  };
}
