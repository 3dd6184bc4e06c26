// The suites of all adapters, of reads and of writes, over files that an SFTP server shows, whichever server it is.

import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { adapter } from '../../../../adapters/file/file.ts';
import { conformance } from '../../../conformance/conformance.ts';
import { asDeclared, COPYBOOKS, recordsOf } from '../dataset-records.ts';
import { folder, hostAt, openFiles } from '../opening.ts';
import { type ShapeName, writesIn } from '../write-shapes.ts';

export interface Subject {
  readonly name: string;
  readonly skip?: string | false;
  /** Options of SFTP for a server that shows the folder under `root`; `secret` is what they refer to. */
  serve(folder: string): Promise<{ readonly sftp: object; readonly secret: string }>;
}

/** Each collection as one file, and as a set of files. */
export function conformanceBySftp({ name, skip = false, serve }: Subject): void {
  for (const [what, queries, cuts] of [
    ['', 200, []],
    [', a set', 40, [0, 1, 40, 41, 100]],
  ] as const) {
    const remote = folder();
    const local = folder();
    after(() => {
      remote[Symbol.dispose]();
      local[Symbol.dispose]();
    });
    conformance({
      name: name + what,
      skip,
      queries,
      async open(data) {
        for (const collection of data) {
          const copybook = COPYBOOKS[collection.name] ?? '';
          const records = recordsOf(collection, copybook);
          for (const [i, cut] of [...cuts, records.length].entries()) {
            const path = `${collection.name}.${i}`;
            remote.write(path, Buffer.concat(records.slice(i === 0 ? 0 : cuts[i - 1], cut)));
            utimesSync(join(remote.path, path), 1_700_000_000, 1_700_000_000);
          }
          local.write(`${collection.name}.cpy`, copybook);
        }
        const { sftp, secret } = await serve(remote.path);
        const host = { ...hostAt(local.path), secret: async () => secret };
        const options = {
          store: { sftp },
          collections: Object.fromEntries(
            data.map(({ name: collection, key }) => [
              collection,
              {
                ...(cuts.length === 0 ? { path: `${collection}.0` } : { files: `${collection}.[0-9]` }),
                copybook: `${collection}.cpy`,
                charset: 'cp037',
                key,
                ...(collection === 'accounts' ? { fields: { RATING: { blank: 'null' } } } : {}),
              },
            ]),
          ),
        };
        return asDeclared(await adapter.open(adapter.options.parse(options), host), data);
      },
    });
  }
}

/** Files are written anew, each time a whole one. */
export function writesBySftp(
  { name, skip = false, serve }: Subject,
  shapes: readonly ShapeName[],
  requests: number,
): void {
  const remote = folder();
  after(() => remote[Symbol.dispose]());
  let opened = 0;
  writesIn({
    name,
    skip,
    shapes,
    requests,
    put(path, content) {
      remote.write(path, content);
      utimesSync(join(remote.path, path), 1_700_000_000, 1_700_000_000);
    },
    async open(given, local) {
      const { sftp, secret } = await serve(remote.path);
      const host = { ...hostAt(local.path), secret: async () => secret };
      return openFiles(host, { store: { sftp }, cache: { folder: `cache${++opened}` }, ...given });
    },
  });
}
