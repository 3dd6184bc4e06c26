// The same question to both surfaces of the bank, and rows as dotted paths, whichever surface they came by.

import assert from 'node:assert/strict';
import type { Collection } from './bank.ts';
import type { Asker, Shown } from './roles.ts';
import type { Bank, Reply } from './serving.ts';

export type FlatRow = Readonly<Record<string, string | null>>;

/** `{ address: { street } }` → `{ 'address.street' }`; numbers as text. Lists are left out: they are related rows. */
export function flat(row: object, prefix = ''): FlatRow {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]): readonly (readonly [string, string | null])[] => {
      const path = prefix + name;
      if (value === null) return [[path, null]];
      if (Array.isArray(value) || name.includes('@')) return [];
      if (typeof value === 'object') return Object.entries(flat(value, `${path}.`));
      return [[path, String(value)]];
    }),
  );
}

/** Equal texts have one hash, other texts another, for as long as the gateway runs. */
export class Hashes {
  readonly #byText = new Map<string, string>();

  /** Throws unless the rows are those that are expected, in their order. */
  same(actual: readonly FlatRow[], expected: readonly Readonly<Record<string, Shown>>[], what: string): void {
    assert.deepEqual(
      actual.map((row, i) => this.#readable(row, expected[i] ?? {}, what)),
      expected.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [
            name,
            value === null ? null : typeof value === 'object' ? `hash of ${value.hashOf}` : String(value),
          ]),
        ),
      ),
      what,
    );
  }

  #readable(row: FlatRow, expected: Readonly<Record<string, Shown>>, what: string): FlatRow {
    return Object.fromEntries(
      Object.entries(row).map(([name, value]) => {
        const wanted = expected[name];
        if (wanted === null || typeof wanted !== 'object' || value === null) return [name, value];
        const text = String(wanted.hashOf);
        const known = this.#byText.get(text);
        if (known === undefined) {
          assert.ok(![...this.#byText.values()].includes(value), `${what}: two texts have one hash`);
          assert.match(value, /^[\w+/=-]{8,}$/, what);
          this.#byText.set(text, value);
        }
        return [name, (known ?? value) === value ? `hash of ${text}` : value];
      }),
    );
  }
}

/** A selection of GraphQL: `address { street }`. */
export function selection(fields: readonly string[]): string {
  const groups = Map.groupBy(fields, (field) => field.split('.', 1)[0] ?? field);
  return [...groups]
    .map(([name, paths]) =>
      paths.includes(name)
        ? name
        : `${name} { ${selection(paths.map((path) => path.slice(name.length + 1)))} }`,
    )
    .join(' ');
}

/** A condition or an order of GraphQL: `{ address: { street: VALUE } }`. */
export function nested(field: string, value: string): string {
  return field.split('.').reduceRight((inner, step) => `{ ${step}: ${inner} }`, value);
}

/** All rows of a list, page by page, as JSON over REST. `query`: more parameters. */
export async function restPages(bank: Bank, asker: Asker, path: string): Promise<readonly FlatRow[]> {
  const rows: FlatRow[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const { status, body, text, headers }: Reply = await bank.ask(asker, next);
    assert.equal(status, 200, text);
    rows.push(...body.value.map((row: object) => flat(row)));
    next = body.nextLink;
    assert.equal(headers.get('link'), next === undefined ? null : `<${next}>; rel="next"`);
  }
  return rows;
}

/** All rows of a list, page by page, over GraphQL. `args`: more arguments, with a comma behind them. */
export async function graphqlPages(
  bank: Bank,
  asker: Asker,
  { name }: Collection,
  fields: readonly string[],
  args = '',
): Promise<readonly FlatRow[]> {
  const rows: FlatRow[] = [];
  let after = 'null';
  for (;;) {
    const query = `{ ${name}(${args} first: 2, after: ${after}) { items { ${selection(fields)} } pageInfo { hasNextPage endCursor } } }`;
    const { body, text } = await bank.graphql(asker, query);
    const page = body?.data?.[name];
    assert.ok(page, text);
    rows.push(...page.items.map((row: object) => flat(row)));
    if (page.pageInfo.hasNextPage !== true) return rows;
    after = JSON.stringify(page.pageInfo.endCursor);
  }
}
