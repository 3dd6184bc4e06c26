// Knows: who watches the gateway, as the configuration says: metrics, traces, audit records; each loaded only where it is wanted.
// Must not know: HTTP servers, what is observed where.

import { Fault } from '../fault.ts';
import { fanOut, type Observation, type Observe } from '../observe.ts';
import type { Tracer } from '../query/trace.ts';
import { type AuditPlace, filePlace, stdoutPlace } from './audit-place.ts';
import { auditRecords } from './audit-record.ts';
import { type AuditSink, auditSink } from './audit-sink.ts';
import { type BoundedRefusals, boundedRefusals } from './bounded-refusals.ts';
import type { Measurable } from './metrics.ts';

export interface TelemetryParts {
  readonly metrics: boolean;
  readonly traces?: {
    readonly endpoint: string;
    /** Secrets read. */
    readonly headers: Readonly<Record<string, string>>;
    readonly ratio: number;
  };
  readonly audit?: {
    /** Absolute, or `-` for standard output. */
    readonly file: string;
    readonly required: boolean;
    readonly sync: boolean;
  };
  readonly version: string;
  /** The log. */
  readonly log: Observe;
  readonly redact: (text: string) => string;
}

export interface Telemetry {
  /** Tells everybody who watches. */
  readonly observe: Observe;
  /** Absent: no traces are configured. */
  readonly tracer?: Tracer;
  /** Absent: nobody is to see any. */
  readonly metrics?: { readonly type: string; text(gateway: Measurable): Promise<string> };
  /** Absent: no records are kept. */
  readonly audit?: {
    /** Why nothing may be asked now. */
    refusal(): Fault | undefined;
  };
  /** Sends and writes what waits, for `maxMs` at most. */
  end(maxMs: number): Promise<void>;
}

/** Throws a misconfigured Fault where records cannot be written from the start. */
export async function createTelemetry(parts: TelemetryParts): Promise<Telemetry> {
  const { metrics, traces, audit, version, log } = parts;
  const measured = metrics ? (await import('./metrics.ts')).createMetrics(version) : undefined;
  const tracing =
    traces === undefined ? undefined : (await import('./traces.ts')).createTraces({ ...traces, version });
  const observers: Observe[] = [log, ...(measured === undefined ? [] : [measured.observe])];
  const told = fanOut(observers);
  const sink = audit === undefined ? undefined : await openSink(audit, parts, told);
  const refusals = sink === undefined ? undefined : boundedRefusals((record) => sink.add(record));
  return {
    observe: refusals === undefined ? told : fanOut([...observers, recording(refusals)]),
    ...(tracing === undefined ? {} : { tracer: tracing }),
    ...(measured === undefined ? {} : { metrics: measured }),
    ...(sink === undefined || audit === undefined
      ? {}
      : { audit: { refusal: () => (audit.required ? refusalOf(sink) : undefined) } }),
    end: async (maxMs) => {
      refusals?.end();
      await Promise.all([tracing?.end(maxMs), sink?.end(maxMs)]);
    },
  };
}

async function openSink(
  { file, sync }: NonNullable<TelemetryParts['audit']>,
  { redact }: TelemetryParts,
  observe: Observe,
): Promise<AuditSink> {
  let place: AuditPlace;
  try {
    place = file === '-' ? stdoutPlace() : await filePlace(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new Fault('unavailable', `The file of audit records cannot be opened: ${code}`, {
      code: 'audit-unavailable',
      misconfigured: true,
      cause: error,
    });
  }
  return auditSink(place, { sync, redact, onState: (state) => observe({ kind: 'audit-failure', ...state }) });
}

function recording(refusals: BoundedRefusals): Observe {
  const recordOf = auditRecords();
  return (observation: Observation) => {
    const record = recordOf(observation);
    if (record !== undefined) refusals.add(record);
  };
}

function refusalOf(sink: AuditSink): Fault | undefined {
  return sink.failing() === undefined
    ? undefined
    : new Fault('unavailable', 'Accesses cannot be recorded now, so there are none', {
        code: 'audit-unavailable',
      });
}
