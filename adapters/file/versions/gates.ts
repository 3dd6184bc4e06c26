// Knows: which gates the options of a collection put before the versions of its files.
// Must not know: what a gate looks at, and what becomes of a version that does not pass.

import type { CollectionOptions } from '../options/options.ts';
import type { ByteStore } from '../store/byte-store.ts';
import type { LayoutTexts } from '../tables/reading.ts';
import type { Table } from '../tables/table.ts';
import type { Gate } from './publication.ts';
import { reconciliationGate } from './reconciliation.ts';
import { triggerGate } from './trigger.ts';
import { verificationGate } from './verification.ts';

export interface GatesOf {
  readonly source: string;
  /** Of the file, or the pattern of several. */
  readonly path: string;
  readonly table: Table;
  readonly options: CollectionOptions;
  readonly texts: LayoutTexts;
  readonly store: ByteStore;
  readonly sliceMs: number;
}

/** The cheap ones first. Throws a misconfigured Fault for options that do not fit the file. */
export function gatesOf(of: GatesOf): readonly Gate[] {
  const { source, table, path, options, texts, store, sliceMs } = of;
  const { publish } = options;
  if (publish === undefined) return [];
  const owner = { source, collection: table.collection.name };
  const reconciled = publish.header !== undefined || publish.trailer !== undefined;
  return [
    ...(publish.trigger === undefined ? [] : [triggerGate(store, publish.trigger, path)]),
    ...(reconciled
      ? [reconciliationGate({ owner, options, publish, texts, framing: table.framing, sliceMs })]
      : []),
    ...(publish.verify === undefined ? [] : [verificationGate(of)]),
  ];
}
