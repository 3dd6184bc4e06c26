// Knows: which adapters there are. Explicit and lazy: an adapter and its driver are loaded when a configuration names it.
// Must not know: what they do.

import type { AdapterDefinition, Importer } from '#spi';

export const adapters = {
  file: async () => (await import('./file/file.ts')).adapter,
  memory: async () => (await import('./memory/memory.ts')).adapter,
  mssql: async () => (await import('./mssql/mssql.ts')).adapter,
  mysql: async () => (await import('./mysql/mysql.ts')).adapter,
  oracle: async () => (await import('./oracle/oracle.ts')).adapter,
  postgres: async () => (await import('./postgres/postgres.ts')).adapter,
  soap: async () => (await import('./soap/soap.ts')).adapter,
  sqlite: async () => (await import('./sqlite/sqlite.ts')).adapter,
} as const satisfies Readonly<Record<string, () => Promise<AdapterDefinition>>>;

/** What `overpunch import` can save: kind → what that is in one line, and how to load it. */
export const importers = {
  wsdl: {
    summary: 'Save a WSDL and everything that it imports or includes',
    load: async () => (await import('./soap/import.ts')).importer,
  },
} as const satisfies Readonly<
  Record<string, { readonly summary: string; readonly load: () => Promise<Importer> }>
>;
