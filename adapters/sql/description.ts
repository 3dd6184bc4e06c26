// Knows: what a saved model says to who imports it: what was found, which collections, operations and relations it proposes,
// what could be written, what was left out.
// Must not know: any product, files.

import { camelCase, type Description, distinct, nameGiver, singular, type WriteVerb } from '#spi';
import { type DatabaseModel, modelText, type SavedRoutine, type SavedTable } from './model.ts';
import { qualifiedRoutine, routineSignature } from './routine-name.ts';
import { qualified } from './table.ts';

/** `file`: the path that the options name for the model. */
export function descriptionOf(model: DatabaseModel, file: string | undefined): Description {
  return { ...(file === undefined ? {} : { file }), text: modelText(model), summary: summaryOf(model) };
}

function summaryOf(model: DatabaseModel): readonly string[] {
  const names = distinct(model.tables.map(({ name }) => camelCase(name)));
  const collections = new Map(model.tables.map((table, i) => [qualified(table), names[i] ?? table.name]));
  const routines = model.routines ?? [];
  const fields = new Map(model.tables.map((table) => [qualified(table), fieldsOf(table)]));
  const relations = model.tables.flatMap((table) => relationsOf(table, collections, fields));
  return [
    `${counted(model.tables.length, 'table or view', 'tables and views')}, ${counted(routines.length, 'routine', 'routines')}, ${counted(model.omitted.length, 'thing', 'things')} left out`,
    ...section(
      'collections:',
      model.tables.map(
        (table) => `  ${names[model.tables.indexOf(table)]}: { table: ${quoted(qualified(table))} }`,
      ),
    ),
    ...section('operations:', operationsOf(routines, names)),
    ...section('relations:', relations),
    ...section(
      '# Nothing can be written but where the source says `readOnly: false` and a collection which `writes`. It could be:',
      model.tables.flatMap((table, i) => {
        const verbs = writesOf(table);
        const options = `table: ${quoted(qualified(table))}, writes: [${verbs.join(', ')}]`;
        return verbs.length === 0 ? [] : [`#   ${names[i]}: { ${options} }`];
      }),
    ),
    ...section(
      '# Left out:',
      model.omitted.map(({ name, reason }) => `# ${oneLine(name)}: ${oneLine(reason)}`),
    ),
  ];
}

/** Nobody knows what a routine does: each is proposed as one that writes. */
function operationsOf(routines: readonly SavedRoutine[], collections: readonly string[]): readonly string[] {
  const free = nameGiver(collections.flatMap((name) => [name, singular(name)]));
  return routines.map((routine) => {
    const twins = routines.filter((other) => qualifiedRoutine(other) === qualifiedRoutine(routine));
    const overloaded = twins.filter((other) => isProcedure(other) === isProcedure(routine)).length > 1;
    const procedure = overloaded ? routineSignature(routine) : qualifiedRoutine(routine);
    const kind = twins.some((other) => isProcedure(other) !== isProcedure(routine))
      ? `, kind: ${isProcedure(routine) ? 'procedure' : 'function'}`
      : '';
    const note = needsColumns(routine) ? ' # declare the columns of its rows under results' : '';
    return `  ${free(camelCase(routine.name))}: { procedure: ${quoted(procedure)}${kind}, effect: write }${note}`;
  });
}

function isProcedure({ kind }: SavedRoutine): boolean {
  return kind === 'procedure';
}

/** It answers with rows, and the catalog does not know their columns. */
function needsColumns({ kind, results = [], returnsCursor, parameters }: SavedRoutine): boolean {
  const cursors = parameters.some(({ cursor }) => cursor === true);
  return cursors || returnsCursor === true || (kind === 'table function' && results.length === 0);
}

/** What the model alone does not speak against. Of views only the database knows. */
function writesOf({ kind, key, columns, transactional }: SavedTable): readonly WriteVerb[] {
  if (kind === 'view' || transactional === false) return [];
  const parts = columns.filter(({ name }) => key.includes(name));
  const others = columns.filter(({ name, generated }) => !key.includes(name) && generated === undefined);
  const given = parts.every(({ nullable, generated, default: standard }) => {
    return !nullable && (generated === undefined || standard === true);
  });
  const keyed = key.length > 0;
  const possible: Readonly<Record<WriteVerb, boolean>> = {
    insert: true,
    update: keyed && others.length > 0,
    upsert: keyed && given,
    delete: keyed,
  };
  return VERBS.filter((verb) => possible[verb]);
}

const VERBS: readonly WriteVerb[] = ['insert', 'update', 'upsert', 'delete'];

/** What the fields of its columns are called where the configuration says nothing else. */
function fieldsOf({ columns }: SavedTable): ReadonlyMap<string, string> {
  const names = distinct(columns.map(({ name }) => camelCase(name)));
  return new Map(columns.map(({ name }, i) => [name, names[i] ?? name]));
}

/** A foreign key, as the relation that the configuration can declare for it. */
function relationsOf(
  table: SavedTable,
  collections: ReadonlyMap<string, string>,
  fields: ReadonlyMap<string, ReadonlyMap<string, string>>,
): readonly string[] {
  const field = (name: string, column: string | undefined): string =>
    fields.get(name)?.get(column ?? '') ?? camelCase(column ?? '');
  const from = collections.get(qualified(table));
  const targets = table.foreignKeys.map((key) => collections.get(key.table));
  const wanted = table.foreignKeys.map(({ columns }, i) => {
    const [only = ''] = columns;
    const stem = columns.length === 1 ? camelCase(only).replace(/(?<=.)(?:Id|No|Nr|Code|Key)$/, '') : '';
    return stem === '' || stem === camelCase(only) ? (targets[i] ?? '') : stem;
  });
  const names = distinct(wanted);
  return table.foreignKeys.flatMap((key, i) => {
    const { columns, references } = key;
    const to = targets[i];
    if (from === undefined || to === undefined) return [];
    const pairs = columns.map(
      (column, at) => `${field(qualified(table), column)}: ${field(key.table, references[at])}`,
    );
    return [`  ${from}.${names[i]}: { to: ${to}, on: { ${pairs.join(', ')} } }`];
  });
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A comment of YAML ends with its line. */
function oneLine(text: string): string {
  return /[\p{Cc}\u2028\u2029]/u.test(text) ? JSON.stringify(text) : text;
}

/** As it stands in YAML: quoted where it is not a plain word. */
function quoted(name: string): string {
  return /^[A-Za-z_][\w.]*$/.test(name) ? name : JSON.stringify(name);
}
