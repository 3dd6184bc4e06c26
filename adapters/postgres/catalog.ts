// Knows: how the answers of the system catalogs become a saved model.
// Must not know: the configuration's collections, queries.

import { Client, type ClientConfig } from 'pg';
import { z } from 'zod';
import { Fault } from '#spi';
import {
  type DatabaseModel,
  MODEL_FORMAT,
  type Omitted,
  type SavedColumn,
  type SavedRoutine,
  type SavedTable,
} from '../sql/model.ts';
import { codeOf } from '../sql/server-faults.ts';
import {
  BEGIN,
  COLUMNS,
  DATABASE,
  FOREIGN_KEYS,
  INDEXES,
  RELATIONS,
  ROUTINES,
  SEQUENCES,
} from './catalog-sql.ts';
import { NONDETERMINISTIC } from './comparison.ts';
import { connectionLost, notConnected, postgresFault } from './faults.ts';
import { typeName } from './parameter.ts';
import { routine, savedRoutine } from './routines.ts';
import { AS_TEXT } from './session.ts';

export const PRODUCT = 'postgres';

const text = z.string();
const texts = z.array(text);
const flag = z.boolean();

const database = z.object({ encoding: text, collate: text.nullable(), schemas: texts });
const relation = z.object({
  id: text,
  schema: text,
  name: text,
  kind: text,
  comment: text.nullable(),
  partitionOf: text.nullable(),
  heirs: flag,
  usable: flag,
});
const column = z.object({
  relation: text,
  name: text,
  nullable: flag,
  type: text,
  typeKind: text,
  values: texts.nullable(),
  collation: text.nullable(),
  deterministic: flag.nullable(),
  comment: text.nullable(),
  default: flag,
  identity: text,
  generated: flag,
  usable: flag,
});
const index = z.object({ relation: text, unique: flag, primary: flag, columns: texts.nullable() });
const foreignKey = z.object({ relation: text, schema: text, name: text, columns: texts, references: texts });
/** Reads the catalog on a connection of its own, all of it as of one moment. Throws a Fault. */
export async function readCatalog(
  connection: ClientConfig,
  schemas: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<DatabaseModel> {
  signal.throwIfAborted();
  const client = new Client(connection);
  client.on('error', () => {});
  // Nothing is left behind on a connection that nobody else uses.
  const stop = (): void => void client.end().catch(() => {});
  signal.addEventListener('abort', stop, { once: true });
  try {
    await client.connect().catch((error: unknown) => {
      throw notConnected(error, connection);
    });
    await client.query(BEGIN);
    return await modelOf(client, schemas);
  } catch (error) {
    signal.throwIfAborted();
    const unanswered = error instanceof Error && !(error instanceof Fault) && codeOf(error) === undefined;
    throw unanswered && error.constructor === Error ? connectionLost(error) : postgresFault(error);
  } finally {
    signal.removeEventListener('abort', stop);
    await client.end().catch(() => {});
  }
}

async function modelOf(client: Client, schemas: readonly string[] | undefined): Promise<DatabaseModel> {
  const chosen = schemas === undefined ? null : JSON.stringify(schemas);
  const ask = async <T>(sql: string, shape: z.ZodType<T>, values: readonly (string | null)[] = [chosen]) => {
    const { rows } = await client.query<string[]>({
      text: sql,
      values: [...values],
      rowMode: 'array',
      types: AS_TEXT,
    });
    return rows.map(([json = '']) => shape.parse(JSON.parse(json)));
  };
  const [about] = await ask(DATABASE, database, []);
  for (const schema of schemas ?? []) {
    if (about?.schemas.includes(schema) === true) continue;
    throw new Fault('invalid', `There is no schema "${schema}" in the database`, {
      code: 'bad-schema',
      misconfigured: true,
    });
  }
  const relations = await ask(RELATIONS, relation);
  const columns = Map.groupBy(await ask(COLUMNS, column), (each) => each.relation);
  const indexes = Map.groupBy(await ask(INDEXES, index), (each) => each.relation);
  const foreignKeys = Map.groupBy(await ask(FOREIGN_KEYS, foreignKey), (each) => each.relation);
  const routines = await ask(ROUTINES, routine);
  const binary = about?.collate === 'C' || about?.collate === 'POSIX';

  const omitted: Omitted[] = [];
  const tables = relations.flatMap((each): readonly SavedTable[] => {
    const name = `${each.schema}.${each.name}`;
    const omit = (reason: string): readonly SavedTable[] => {
      omitted.push({ name, reason });
      return [];
    };
    if (each.partitionOf !== null) return omit(`a partition of ${each.partitionOf}, which shows its rows`);
    if (!each.usable) return omit('the login may not read it');
    const shown = (columns.get(each.id) ?? []).filter((candidate) => {
      const reason = whyNot(candidate);
      if (reason !== undefined) omitted.push({ name: `${name}.${candidate.name}`, reason });
      return reason === undefined;
    });
    if (shown.length === 0) return omit('it has no column that can be shown');
    const names = new Set(shown.map((own) => own.name));
    // Rows of heirs are among those of the table, and its indexes keep nothing apart from theirs.
    const paths = (indexes.get(each.id) ?? []).flatMap(({ unique, primary, columns: path }) =>
      path?.every((own) => names.has(own)) === true
        ? [{ unique: unique && !each.heirs, primary: primary && !each.heirs, path }]
        : [],
    );
    return [
      {
        schema: each.schema,
        name: each.name,
        kind: each.kind === 'v' || each.kind === 'm' ? 'view' : 'table',
        ...(each.comment === null ? {} : { comment: each.comment }),
        columns: shown.map((own) => savedColumn(own, binary)),
        key: paths.find(({ primary }) => primary)?.path ?? [],
        unique: paths.filter(({ unique, primary }) => unique && !primary).map(({ path }) => path),
        indexes: paths.filter(({ unique }) => !unique).map(({ path }) => path),
        foreignKeys: (foreignKeys.get(each.id) ?? []).map((key) => ({
          columns: key.columns,
          table: `${key.schema}.${key.name}`,
          references: key.references,
        })),
        // Where a row lies: it stays there until it is written. In partitions, heirs and foreign tables several lie in one place.
        ...((each.kind === 'r' && !each.heirs) || each.kind === 'm' ? { position: 'ctid' } : {}),
      },
    ];
  });
  for (const { name } of await ask(SEQUENCES, z.object({ name: text }))) {
    omitted.push({ name, reason: 'a sequence' });
  }
  const callable = routines.flatMap((each): readonly SavedRoutine[] => savedRoutine(each, omitted));
  return {
    format: MODEL_FORMAT,
    product: PRODUCT,
    encoding: about?.encoding ?? 'UTF8',
    tables,
    ...(callable.length === 0 ? {} : { routines: callable }),
    omitted,
  };
}

function whyNot({ typeKind, usable, values, type }: z.infer<typeof column>): string | undefined {
  if (!usable) return 'the login may not read it';
  if (typeKind === 'c') return `of the composite type ${type}`;
  if (typeKind === 'p') return `of the pseudo-type ${type}`;
  if (typeKind === 'e' && (values === null || typeName(type) === undefined))
    return `of the enumerated type ${type}, which has no usable values`;
  return undefined;
}

function savedColumn(own: z.infer<typeof column>, binary: boolean): SavedColumn {
  const collation = collationOf(own, binary);
  return {
    name: own.name,
    type: own.type,
    nullable: own.nullable,
    ...(own.values === null ? {} : { values: own.values }),
    ...(collation === undefined ? {} : { collation }),
    ...(own.comment === null ? {} : { comment: own.comment }),
    // Of the two kinds of identity "by default" takes numbers that are given, "always" does not.
    ...(own.default || own.identity === 'd' ? { default: true } : {}),
    ...(own.identity !== ''
      ? { generated: 'identity' as const }
      : own.generated
        ? { generated: 'always' as const }
        : {}),
    trusted: true,
  };
}

/** Undefined where texts are compared byte by byte. */
function collationOf(
  { collation, deterministic }: z.infer<typeof column>,
  binary: boolean,
): string | undefined {
  if (collation === null || collation === 'C' || collation === 'POSIX') return undefined;
  if (collation === 'default' && binary) return undefined;
  return deterministic === false ? `${collation}, ${NONDETERMINISTIC}` : collation;
}
