// Knows: how the dictionary's words about tables, views, keys and indexes become tables of a saved model.
// Must not know: connections, the configuration.

import type { SavedColumn, SavedTable } from '../sql/model.ts';
import type { Ask, Line, Omitted } from './catalog-lines.ts';
import {
  COLUMN_COMMENTS,
  COMMENTS,
  CONSTRAINT_COLUMNS,
  CONSTRAINTS,
  EXTERNAL_TABLES,
  IDENTITIES,
  INDEX_COLUMNS,
  INDEXES,
  INSERT_TRIGGERS,
  TABLES,
  VIEWS,
} from './catalog-sql.ts';
import { type Charset, sortsAsWe } from './charset.ts';
import { declaredType, type TypeWords, unshownReason } from './declared.ts';

export function nameOf({ schema, name }: SavedTable): string {
  return `${schema}.${name}`;
}

const placeOf = (owner?: string, name?: string): string => `${owner}\0${name}`;

function byPlace(lines: readonly Line[]): ReadonlyMap<string, readonly Line[]> {
  return Map.groupBy(lines, ([owner, name]) => placeOf(owner, name));
}

/** Tables and views that can be read, by name. What cannot be shown is added to `omitted`. */
export async function tablesOf(
  ask: Ask,
  columnsSql: string,
  charset: Charset,
  identitiesKnown: boolean,
  omitted: Omitted[],
): Promise<readonly SavedTable[]> {
  const tables = await ask(TABLES);
  const views = await ask(VIEWS);
  const external = new Set((await ask(EXTERNAL_TABLES)).map(([owner, name]) => placeOf(owner, name)));
  const comments = byPlace(await ask(COMMENTS));
  const columns = byPlace(await ask(columnsSql));
  const columnComments = byPlace(await ask(COLUMN_COMMENTS));
  const constraints = await ask(CONSTRAINTS);
  const identities = identitiesKnown ? await ask(IDENTITIES) : [];
  const givenTo = new Set(identities.map(([owner, table, column]) => [owner, table, column].join('\0')));
  const triggered = new Set((await ask(INSERT_TRIGGERS)).map(([owner, name]) => placeOf(owner, name)));
  const keyColumns = byPlace(await ask(CONSTRAINT_COLUMNS));
  const indexes = Map.groupBy(await ask(INDEXES), ([owner, name]) => placeOf(owner, name));
  const indexColumns = byPlace(await ask(INDEX_COLUMNS));
  const byTable = Map.groupBy(constraints, ([owner, , , name]) => placeOf(owner, name));
  const byName = new Map(constraints.map((line) => [placeOf(line[0], line[1]), line]));
  const columnsOf = (owner?: string, name?: string): readonly string[] =>
    (keyColumns.get(placeOf(owner, name)) ?? []).flatMap(([, , column]) => column ?? []);

  const tableFrom = (
    owner: string,
    name: string,
    kind: 'table' | 'view',
    positioned: boolean,
  ): readonly SavedTable[] => {
    const place = placeOf(owner, name);
    const said = new Map((columnComments.get(place) ?? []).map(([, , column, comment]) => [column, comment]));
    const saved = (columns.get(place) ?? []).flatMap((line): readonly SavedColumn[] => {
      const reason = unshownReason(wordsOf(line));
      if (reason === undefined)
        return [columnFrom(line, said.get(line[2]), charset, givenTo.has([owner, name, line[2]].join('\0')))];
      omitted.push({ name: `${owner}.${name}.${line[2]}`, reason });
      return [];
    });
    if (saved.length === 0) {
      omitted.push({ name: `${owner}.${name}`, reason: 'it has no column that can be shown' });
      return [];
    }
    const shown = new Set(saved.map((column) => column.name));
    const whole = (names: readonly string[]): boolean =>
      names.length > 0 && names.every((own) => shown.has(own));
    const own = byTable.get(place) ?? [];
    const keysOf = (type: string): readonly (readonly string[])[] =>
      own
        .filter((line) => line[2] === type)
        .map((line) => columnsOf(owner, line[1]))
        .filter(whole);
    const [key = []] = keysOf('P');
    const paths = (indexes.get(place) ?? []).flatMap(([, , indexOwner, index, uniqueness]) => {
      const names = (indexColumns.get(placeOf(indexOwner, index)) ?? []).flatMap(
        ([, , column]) => column ?? [],
      );
      return whole(names) ? [{ unique: uniqueness === 'UNIQUE', names }] : [];
    });
    const unique = distinctLists(
      [...keysOf('U'), ...paths.filter((path) => path.unique).map(({ names }) => names)],
      [key],
    );
    const comment = comments.get(place)?.[0]?.[2];
    return [
      {
        schema: owner,
        name,
        kind,
        ...(comment === undefined ? {} : { comment }),
        columns: triggered.has(place) ? saved.map((column) => maybeNumbered(column, key)) : saved,
        key,
        unique,
        indexes: distinctLists(
          paths.filter((path) => !path.unique).map(({ names }) => names),
          [key, ...unique],
        ),
        foreignKeys: own.flatMap(([, constraint, type, , otherOwner, other]) => {
          const target = byName.get(placeOf(otherOwner, other));
          const names = columnsOf(owner, constraint);
          return type === 'R' && target !== undefined && whole(names)
            ? [
                {
                  columns: names,
                  table: `${target[0]}.${target[3]}`,
                  references: columnsOf(otherOwner, other),
                },
              ]
            : [];
        }),
        // Where a row lies. It stays there until it is moved to another partition or the table is reorganized.
        ...(positioned ? { position: 'ROWID' } : {}),
      },
    ];
  };

  return [
    ...tables.flatMap(([owner = '', name = '', iot, nested, secondary, dropped]) => {
      // Parts of other tables and indexes, and what lies in the recycle bin.
      const part =
        nested === 'YES' || secondary === 'Y' || dropped === 'YES' || (iot !== undefined && iot !== 'IOT');
      return part
        ? []
        : tableFrom(owner, name, 'table', iot === undefined && !external.has(placeOf(owner, name)));
    }),
    ...views.flatMap(([owner = '', name = '']) => tableFrom(owner, name, 'view', false)),
  ].toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** Each list once, and none of `others`. */
function distinctLists(
  lists: readonly (readonly string[])[],
  others: readonly (readonly string[])[],
): readonly (readonly string[])[] {
  const seen = new Set(others.map((list) => list.join('\0')));
  return lists.filter((list) => {
    const text = list.join('\0');
    return !seen.has(text) && seen.add(text);
  });
}

function wordsOf([, , , type = '', owner, length, precision, scale, , characters, used]: Line): TypeWords {
  return { type, owner, length, precision, scale, characters, used };
}

/** A trigger may number new rows; where it does not, the database says that the key is missing. */
function maybeNumbered(column: SavedColumn, key: readonly string[]): SavedColumn {
  const alone = key.length === 1 && key[0] === column.name && column.type.startsWith('NUMBER');
  return alone ? { ...column, default: true } : column;
}

/** A session compares by bytes: only a collation of the column's own differs from that. */
const BINARY = new Set(['BINARY', 'USING_NLS_COMP', 'USING_NLS_SORT']);

function columnFrom(line: Line, comment: string | undefined, charset: Charset, given: boolean): SavedColumn {
  const [, , name = '', , , , , , nullable, , , standard, virtual, identity, collation] = line;
  const type = declaredType(wordsOf(line));
  const hasDefault = identity === 'YES' ? given : standard !== undefined && virtual !== 'YES';
  return {
    name,
    type,
    nullable: nullable === 'Y',
    ...(collation === undefined || BINARY.has(collation) ? {} : { collation }),
    ...(comment === undefined ? {} : { comment }),
    ...(hasDefault ? { default: true } : {}),
    ...(identity === 'YES'
      ? { generated: 'identity' as const }
      : virtual === 'YES'
        ? { generated: 'always' as const }
        : {}),
    ...(sorts(type, charset) ? { trusted: true } : {}),
  };
}

/** For texts of other sets, national and padded ones, only their owner knows that they are plain enough for that. */
function sorts(type: string, charset: Charset): boolean {
  if (/^VARCHAR2?\b/.test(type)) return sortsAsWe(charset);
  return !/^(?:N?CHAR|NVARCHAR2)\b/.test(type);
}
