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
  /** By id of a request that has not ended: `true` where an access has been told, else why it was refused. */
  const under = new Map<string, true | FaultObservation['fault']>();
  const keep = (requestId: string, what: true | FaultObservation['fault']): void => {
    if (under.size >= KEPT_REQUESTS) under.delete(under.keys().next().value ?? '');
    under.set(requestId, what);
  };
  return (observation) => {
    switch (observation.kind) {
      case 'audit':
        keep(observation.requestId, true);
        return accessRecord(observation);
      case 'fault': {
        const { requestId, fault } = observation;
        if (requestId !== undefined && !under.has(requestId)) keep(requestId, fault);
        return undefined;
      }
      case 'request': {
        const known = under.get(observation.requestId);
        under.delete(observation.requestId);
        if (known === true || (known === undefined && observation.status < 400)) return undefined;
        return refusalRecord(observation, known);
      }
      default:
        return undefined;
    }
  };
}

function accessRecord({ kind: _, ...access }: AuditObservation): AuditRecord {
  return access;
}

/** Nothing was asked of any source. The route stands for the path, which may hold a key. */
function refusalRecord(
  { requestId, client, method, route = 'other', status }: RequestObservation,
  fault: FaultObservation['fault'] | undefined,
): AuditRecord {
  return {
    requestId,
    client: client ?? '',
    action: 'refused',
    method,
    route,
    status,
    ...(fault === undefined ? {} : { outcome: fault.kind, code: fault.code }),
  };
}
