// Knows: what a saved model says to who imports it: what was found, which collections and relations it proposes, what
// was left out.
// Must not know: any product, files.

import { camelCase, type Description, distinct } from '#spi';
import { type DatabaseModel, modelText, type SavedTable } from './model.ts';
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
    ...section('relations:', relations),
    ...section(
      '# Left out:',
      model.omitted.map(({ name, reason }) => `# ${oneLine(name)}: ${oneLine(reason)}`),
    ),
  ];
}

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
