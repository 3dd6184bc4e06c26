// Knows: how three requests that work are made from any catalog, ready to be pasted into a shell.
// Must not know: how they are answered, but for one key that exists.

import { someFields } from '../graphql/some-fields.ts';
import type { Catalog, CatalogCollection } from '../model/catalog.ts';
import { type Field, fieldAt, isComparable, isScalar } from '../model/type.ts';
import { scalarText, type Value, valueAt } from '../model/value.ts';
import type { Context, Execute, Request } from '../query/request.ts';
import { API } from '../rest/routes.ts';

/** The first collection with a relation and a key shows most; any will do. */
export function showcase({ collections }: Catalog): CatalogCollection | undefined {
  const all = [...collections.values()];
  const keyed = all.filter(({ key }) => key.length > 0);
  return keyed.find(({ relations }) => relations.size > 0) ?? keyed[0] ?? all[0];
}

/** Key of the first row, if the source answers and has one. */
export async function firstKey(
  collection: CatalogCollection,
  execute: Execute,
  { caller, signal }: Pick<Required<Context>, 'caller' | 'signal'>,
): Promise<readonly Value[] | undefined> {
  if (collection.key.length === 0) return undefined;
  try {
    const request: Request = {
      kind: 'list',
      collection: collection.name,
      selection: { fields: collection.key, include: [] },
      where: [],
      order: [],
      first: 1,
      count: false,
    };
    const result = await execute(request, { requestId: 'start', signal, caller });
    for await (const batch of result.batches) {
      if (batch.length > 0) {
        const row = batch.row(0);
        return collection.key.map((name) => valueAt(row, name));
      }
    }
  } catch {
    // An example is not worth a complaint: the source has told its fault already.
  }
  return undefined;
}

export interface ExampleOptions {
  /** Of a row that exists. */
  readonly key?: readonly Value[] | undefined;
  /** The shell has an API key in OVERPUNCH_KEY. */
  readonly withApiKey?: boolean;
}

/** A filtered list, one item (or a list, where there is no key), a GraphQL query with a relation if there is one. */
export function examples(
  catalog: Catalog,
  url: string,
  collection: CatalogCollection,
  { key, withApiKey = false }: ExampleOptions = {},
): readonly string[] {
  const curl = withApiKey ? 'curl -H "x-api-key: $OVERPUNCH_KEY"' : 'curl';
  const list = `${url}${API}/${collection.name}`;
  const item = key === undefined ? `${list}?first=1` : `${list}/${keyText(collection, key)}`;
  const body = JSON.stringify({ query: graphqlText(catalog, collection) });
  const filter = filterText(collection);
  const filtered = filter === undefined ? '' : ` --data-urlencode ${quoted(`filter=${filter}`)}`;
  return [
    `${curl} -G ${quoted(list)} -d first=3${filtered}`,
    `${curl} ${quoted(item)}`,
    `${curl} ${quoted(`${url}/graphql`)} -H 'content-type: application/json' -d ${quoted(body)}`,
  ];
}

/** Composite keys are joined by commas; a comma inside a value is encoded, as everything that a URL cannot hold. */
function keyText({ fields, key: names }: CatalogCollection, key: readonly Value[]): string {
  return names
    .map((name, i) => {
      const type = fieldAt(fields, name)?.type;
      const value = key[i] ?? null;
      return encodeURIComponent(
        type !== undefined && isScalar(type) ? scalarText(type, value) : String(value),
      );
    })
    .join(',');
}

/** A filter that says something without telling data: of an enum its first name, of a number that it is above 0. */
function filterText({ fields }: CatalogCollection): string | undefined {
  const plain = fields.filter(({ alternate }) => alternate !== true);
  for (const { name, type } of plain) {
    if (type.kind === 'enum' && /^\w+$/.test(type.values[0] ?? '')) return `${name} eq '${type.values[0]}'`;
  }
  const amount = plain.find(({ type }) => type.kind === 'decimal' && type.scale !== 0);
  if (amount !== undefined) return `${amount.name} gt 0`;
  const any = plain.find(({ type }) => isComparable(type));
  return any === undefined ? undefined : `${any.name} isNull false`;
}

const FIELDS = 3;

function graphqlText({ collections }: Catalog, collection: CatalogCollection): string {
  const [relation] = collection.relations.values();
  const other = relation === undefined ? undefined : collections.get(relation.to);
  const related =
    relation === undefined || other === undefined
      ? []
      : relation.cardinality === 'one'
        ? [`${relation.name} { ${names(other.fields)} }`]
        : [`${relation.name}(first: 2) { items { ${names(other.fields)} } }`];
  const wanted = [names(collection.fields), ...related].join(' ');
  return `{ ${collection.name}(first: 2) { items { ${wanted} } } }`;
}

function names(fields: readonly Field[]): string {
  return someFields(fields, FIELDS).join(' ');
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
