// Knows: one file of the demo bank behind everything that an installation switches on, as its configuration says it.
// Must not know: what is measured of it.

import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOfKey, newKey } from '../src/auth/key.ts';

const root = join(import.meta.dirname, '..');

export interface Installation extends Disposable {
  readonly config: string;
  /** Where the log is to be written. */
  readonly log: string;
  /** Of a client who may read everything. */
  readonly key: string;
  /** Of one for whom a rule leaves out rows and a field is masked. */
  readonly restrictedKey: string;
}

/** Written into a folder of its own, which is gone with the installation. */
export function installation(): Installation {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-bench-'));
  const [key, restrictedKey] = [newKey(), newKey()];
  // With the time of its last change: a file that has just changed is not shown yet.
  cpSync(join(root, 'fixtures/CUSTMAST'), join(folder, 'CUSTMAST'), { preserveTimestamps: true });
  cpSync(join(root, 'schemas/custmast.cpy'), join(folder, 'custmast.cpy'));
  const config = join(folder, 'overpunch.yaml');
  writeFileSync(
    config,
    `
access:
  clients:
    web: { roles: [reader], keys: [{ sha256: ${hashOfKey(key)} }] }
    desk: { roles: [desk], keys: [{ sha256: ${hashOfKey(restrictedKey)} }], claims: { status: X } }
roles:
  reader: { collections: { customers: read } }
  desk: { collections: { customers: { rows: "status ne @claims.status", mask: { creditLimit: "null" } } } }
  watcher: {}
limits:
  perClient: { requests: 1000000000 }
  perAddress: { requests: 10 }
telemetry:
  log: { level: info }
  metricsRoles: [watcher]
  audit: { file: audit.jsonl }
state: { folder: state }
sources:
  bank:
    adapter: file
    guards:
      quiet: [{ from: "02:00", to: "02:01", timeZone: Europe/Zurich }]
      budget: { calls: 1000000000, rows: 1000000000, timeZone: Europe/Zurich }
    collections:
      customers:
        path: CUSTMAST
        copybook: custmast.cpy
        charset: cp037
        records: { format: FB, length: 200 }
        key: [CUST-ID]
`,
  );
  return {
    config,
    log: join(folder, 'log.jsonl'),
    key,
    restrictedKey,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
