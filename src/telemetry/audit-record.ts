// Knows: which observations become audit records, and the one line of JSON that each is; requests that were refused before any access, too.
// Must not know: files, when lines are written.

import type { AuditObservation, Observation } from '../observe.ts';

/** What a line holds beside `time` and `prev`. */
export type AuditRecord = Readonly<Record<string, unknown>>;

/** How many requests that have not ended are kept in mind; of more, some refusals are told without their code. */
const KEPT_REQUESTS = 10_000;

type RequestObservation = Extract<Observation, { readonly kind: 'request' }>;
type FaultObservation = Extract<Observation, { readonly kind: 'fault' }>;

/** Observations in, a record out where one is due. */
export function auditRecords(): (observation: Observation) => AuditRecord | undefined {
  /** By request that has not ended: `true` where an access has been told, else why it was refused. Never by its id, which clients choose. */
  const under = new Map<number | string, true | FaultObservation['fault']>();
  const keep = (key: number | string, what: true | FaultObservation['fault']): void => {
    if (under.size >= KEPT_REQUESTS) {
      const [oldest] = under.keys();
      if (oldest !== undefined) under.delete(oldest);
    }
    under.set(key, what);
  };
  return (observation) => {
    switch (observation.kind) {
      case 'audit':
        keep(keyOf(observation), true);
        return accessRecord(observation);
      case 'fault': {
        const key = keyOf(observation);
        if (key !== '' && !under.has(key)) keep(key, observation.fault);
        return undefined;
      }
      case 'request': {
        const key = keyOf(observation);
        const known = under.get(key);
        under.delete(key);
        if (observation.replayed === true) return endRecord('replayed', observation);
        if (known === true || (known === undefined && observation.status < 400)) return undefined;
        return endRecord('refused', observation, known);
      }
      default:
        return undefined;
    }
  };
}

function keyOf({ serial, requestId = '' }: { readonly serial?: number; readonly requestId?: string }) {
  return serial ?? requestId;
}

function accessRecord({ kind: _, serial: __, ...access }: AuditObservation): AuditRecord {
  return access;
}

/** Nothing was asked of any source. The route stands for the path, which may hold a key. */
function endRecord(
  action: 'refused' | 'replayed',
  { requestId, client, method, route = 'other', status }: RequestObservation,
  fault?: FaultObservation['fault'],
): AuditRecord {
  return {
    requestId,
    client: client ?? '',
    action,
    method,
    route,
    status,
    ...(fault === undefined ? {} : { outcome: fault.kind, code: fault.code }),
  };
}
