// Knows: that anybody who reaches the gateway can be refused as often as he likes, and that the disk of the audit records must not be his to fill.
// Must not know: what the records say beyond whose they are, where they go.

import type { AuditRecord } from './audit-record.ts';

export interface BoundedRefusals {
  add(record: AuditRecord): void;
  /** Tells what has only been counted so far. */
  end(): void;
}

/** Refusals within a minute of whom nobody knows, that are told one by one; of more only how many there were. */
const MOST = 600;
const MINUTE_MS = 60_000;

/** Every other record passes: who was let in answers for what he does. */
export function boundedRefusals(
  add: (record: AuditRecord) => void,
  { most = MOST, withinMs = MINUTE_MS } = {},
): BoundedRefusals {
  let told = 0;
  let counted = 0;
  let within: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearTimeout(within);
    within = undefined;
    if (counted > 0) add({ client: '', action: 'refused', times: counted });
    told = 0;
    counted = 0;
  };
  return {
    add(record) {
      if (record['action'] !== 'refused' || !NOBODY.has(record['client'])) {
        add(record);
        return;
      }
      within ??= setTimeout(end, withinMs).unref();
      if (told < most) {
        told++;
        add(record);
      } else counted++;
    },
    end,
  };
}

/** Who has shown nothing that was accepted. */
const NOBODY: ReadonlySet<unknown> = new Set(['', 'anonymous']);
