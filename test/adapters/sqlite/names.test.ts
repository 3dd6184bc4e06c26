import { describe, it } from 'node:test';
import { adapter } from '../../../adapters/sqlite/sqlite.ts';
import { askOdd, imported, odd } from '../sql/import-names.ts';
import { database } from './file.ts';

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

describe('names of SQLite', () => {
  it('what an import proposes for odd names is served as it stands', async () => {
    const file = database((db) => db.exec(odd(quoted, 'TEXT')));
    const { both } = await imported(adapter, { file });
    await askOdd(both);
  });
});
