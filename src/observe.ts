// Knows: everything about the running gateway that can be observed, in one union, and the sink that writes it as a log.
// Must not know: who observes what for which reason. Nothing here holds data of a row, a header or a secret.

import type { Fault, FaultKind } from './fault.ts';
import type { CacheUse } from './model/cache-use.ts';
import type { Caller } from './query/caller.ts';
import type { SourceHealth } from './query/request.ts';

export type Observation =
  | {
      readonly kind: 'started';
      /** Address that clients reach: `http://127.0.0.1:4000`. */
      readonly url: string;
      readonly sources: number;
      readonly collections: number;
      /** Everybody may do everything. */
      readonly development?: true;
    }
  | { readonly kind: 'stopped'; readonly reason: string }
  /** A request of a client has come in; `request` tells when it has ended. */
  | { readonly kind: 'begun' }
  | {
      readonly kind: 'request';
      readonly requestId: string;
      /** Which of the process's requests: clients choose the id. */
      readonly serial?: number;
      readonly method: string;
      /** Path without the query string: filters hold data. */
      readonly path: string;
      readonly status: number;
      readonly durationMs: number;
      /** Of a stream of changes: how many were told. */
      readonly events?: number;
      /** True when the client left before the answer was complete. */
      readonly aborted?: boolean;
      /** True: what an earlier request was answered was given again. */
      readonly replayed?: boolean;
      /** Who asked, as far as it was found out. */
      readonly client?: string;
      /** Sent to the client, headers included. */
      readonly bytes?: number;
      /** Of the trace that it is a part of (W3C Trace Context): 32 hexadecimal digits. */
      readonly traceId?: string;
      /** The path with names for what stands in it: `/api/customers/{key}`. Of a path that does not exist: `other`. */
      readonly route?: string;
    }
  | { readonly kind: 'source'; readonly health: SourceHealth }
  | CallObservation
  | {
      readonly kind: 'breaker';
      readonly source: string;
      readonly state: 'closed' | 'open' | 'half-open';
    }
  | { readonly kind: 'cache'; readonly target: string; readonly use: CacheUse; readonly bytes: number }
  | AuditObservation
  /** Records of accesses could not be written, or can be written again. */
  | {
      readonly kind: 'audit-failure';
      /** Of the operating system: `ENOSPC`. Absent: it is over. */
      readonly code?: string;
      /** Records that wait to be written. */
      readonly waiting: number;
      /** Records that are lost for good. */
      readonly lost: number;
    }
  /** The configuration has been read again: `problems` 0: it serves now; else the old one goes on. */
  | { readonly kind: 'reload'; readonly problems: number; readonly notes: readonly string[] }
  /** A fault that a client was told about, or that the gateway met by itself. */
  | {
      readonly kind: 'fault';
      readonly fault: Fault;
      readonly requestId?: string;
      readonly serial?: number;
      /** Of a client that was not let in: where it comes from. */
      readonly address?: string;
    };

/** One call of a source, all attempts at it together; of a read it is told when the rows have been read, or nobody wants more of them. */
export interface CallObservation {
  readonly kind: 'call';
  readonly source: string;
  readonly what: 'read' | 'count' | 'write' | 'invoke' | 'watch' | 'check';
  /** Collection or operation; of changes of several collections the first, of a check the source. */
  readonly target: string;
  readonly durationMs: number;
  /** How long it waited for its turn. */
  readonly queuedMs: number;
  readonly attempts: number;
  readonly rows: number;
  readonly outcome: 'ok' | FaultKind | 'cancelled';
  /** Of the request that it was made for, where that is traced. */
  readonly traceId?: string;
}

/** Who did what: one for each access to a collection or an operation, relations included. Holds no data of a row, no filter. */
export interface AuditObservation {
  readonly kind: 'audit';
  readonly requestId: string;
  readonly serial?: number;
  readonly client: string;
  readonly by: Caller['by'];
  /** Of a token: who has given the client its name. */
  readonly issuer?: string;
  readonly roles: readonly string[];
  /** `watch-begun`: a watch may last for weeks, and the gateway may not live to tell of its end. */
  readonly action:
    | 'read'
    | 'count'
    | 'insert'
    | 'update'
    | 'upsert'
    | 'delete'
    | 'invoke'
    | 'watch'
    | 'watch-begun';
  readonly source: string;
  /** Collection or operation. */
  readonly target: string;
  /** Names of the fields that were answered or written. */
  readonly fields: readonly string[];
  readonly rows: number;
  readonly outcome: 'ok' | FaultKind | 'cancelled';
  /** Code of the fault. */
  readonly code?: string;
}

export type Observe = (observation: Observation) => void;

/** One that tells all of them. */
export function fanOut(observers: readonly Observe[]): Observe {
  const [first, ...others] = observers;
  if (first === undefined) return unobserved;
  if (others.length === 0) return first;
  return (observation) => {
    for (const observe of observers) observe(observation);
  };
}

/** For tests and for whatever has nobody watching. */
export const unobserved: Observe = () => {};

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A line of the log before it is written: `message` for people, `fields` for machines. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A client that leaves in the middle is nobody's failure, nor is a gateway that is told to stop. */
const EXPECTED: ReadonlySet<string> = new Set(['cancelled', 'stopping']);

/** Of what comes with every request and is of use only to who looks for a mistake, the line need not be made where nobody wants it. */
export function isDetail({ kind }: Observation): boolean {
  return kind === 'begun' || kind === 'audit' || kind === 'call' || kind === 'cache';
}

/** What the log says about an observation. Undefined: nothing; audit records have a sink of their own and stand nowhere else. */
export function logLine(observation: Observation): LogLine | undefined {
  const { kind } = observation;
  switch (kind) {
    case 'started': {
      const { kind: _, ...fields } = observation;
      const open =
        observation.development === true ? ' in development mode: everybody may do everything' : '';
      return {
        level: open === '' ? 'info' : 'warn',
        message: `serving ${observation.url}${open}`,
        fields: { event: kind, ...fields },
      };
    }
    case 'stopped':
      return {
        level: 'info',
        message: `stopped: ${observation.reason}`,
        fields: { event: kind, reason: observation.reason },
      };
    case 'request': {
      const { method, status, durationMs } = observation;
      // A path holds keys, and whatever else a client wrote: the route stands for it.
      const { kind: _, path, route = path, serial: __, ...fields } = observation;
      const rounded = Math.round(durationMs * 10) / 10;
      return {
        level: status >= 500 ? 'warn' : 'info',
        message: `${method} ${route} ${status} ${rounded} ms`,
        fields: { event: kind, ...fields, route, durationMs: rounded },
      };
    }
    case 'source': {
      const { health } = observation;
      const why = health.fault === undefined ? '' : `: ${health.fault.message}`;
      return {
        level: health.state === 'up' ? 'info' : 'warn',
        message: `source ${health.source} is ${health.state}${why}`,
        fields: { event: kind, ...health },
      };
    }
    case 'call': {
      const { kind: _, source, what, target, outcome, ...figures } = observation;
      return {
        level: 'debug',
        message: `${what} ${source}.${target} ${outcome}`,
        fields: { event: kind, source, what, target, outcome, ...figures },
      };
    }
    case 'breaker': {
      const { source, state } = observation;
      return {
        level: state === 'open' ? 'warn' : 'info',
        message: `breaker of source ${source} is ${state}`,
        fields: { event: kind, source, state },
      };
    }
    case 'cache': {
      const { kind: _, ...fields } = observation;
      return {
        level: 'debug',
        message: `cache ${observation.use} ${observation.target}`,
        fields: { event: kind, ...fields },
      };
    }
    case 'begun':
    case 'audit':
      return undefined;
    case 'audit-failure': {
      const { code, waiting, lost } = observation;
      return {
        level: code === undefined ? 'info' : 'error',
        message:
          code === undefined ? 'audit records are written again' : `audit records cannot be written: ${code}`,
        fields: { event: kind, ...(code === undefined ? {} : { code }), waiting, lost },
      };
    }
    case 'reload': {
      const { problems, notes } = observation;
      return {
        level: problems === 0 ? 'info' : 'error',
        message:
          problems === 0
            ? 'the configuration has been read again'
            : `the changed configuration has ${problems} problems; the old one goes on`,
        fields: { event: kind, problems, notes },
      };
    }
    case 'fault': {
      const { fault, requestId, address } = observation;
      return {
        level: faultLevel(fault),
        message: quotes(fault) ? `${fault.entry.title}: ${fault.code}` : fault.message,
        fields: {
          event: kind,
          ...(requestId === undefined ? {} : { requestId }),
          ...(address === undefined ? {} : { address }),
          fault: fault.kind,
          code: fault.code,
          ...placeOf(fault),
          ...causeOf(fault),
        },
      };
    }
  }
}

/** A credential that is not accepted is worth a line: it may be the first of many. */
function faultLevel({ entry, code }: Fault): LogLevel {
  if (code === 'bad-credentials') return 'info';
  return entry.status >= 500 && !EXPECTED.has(code) ? 'error' : 'debug';
}

/** What is wrong with a request is told in the words of the request, which are for its client alone. Who was not let in, in our own. */
function quotes({ entry, kind }: Fault): boolean {
  return entry.status < 500 && kind !== 'unauthenticated';
}

/** Where it happened, without the bytes, which are data of a customer, and without what a client may have written. */
function placeOf(fault: Fault): Readonly<Record<string, unknown>> {
  const { hex: _, ...rest } = fault.place;
  if (!quotes(fault)) return rest;
  const { parameter: __, hint: ___, ...known } = rest;
  return known;
}

/**
 * A driver's message may hold SQL, a parameter or a password, so only its name and code are kept. Our own bugs
 * (`internal`) have their stack: there is no other way to find them.
 */
function causeOf(fault: Fault): Readonly<Record<string, unknown>> {
  const { cause } = fault;
  if (!(cause instanceof Error)) return {};
  return {
    cause: {
      name: cause.name,
      ...('code' in cause && typeof cause.code === 'string' ? { code: cause.code } : {}),
      ...(fault.kind === 'internal' ? { stack: cause.stack } : {}),
    },
  };
}
