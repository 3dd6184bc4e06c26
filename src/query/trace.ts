// Knows: W3C Trace Context (https://www.w3.org/TR/trace-context/): what its headers hold, and who makes spans of it.
// Must not know: HTTP servers, OpenTelemetry, sources.

import type { FaultKind } from '../fault.ts';

/** The headers of W3C Trace Context, by which a call finds the span that it was made in. */
export interface TraceContext {
  /** `00-<trace id, 32 hex digits>-<span id, 16 hex digits>-<flags>`, valid. */
  readonly traceparent?: string;
  /** What other parties have to say of the trace; never without a `traceparent`. */
  readonly tracestate?: string;
}

export type SpanOutcome = 'ok' | FaultKind | 'cancelled';

/** The request of a client, as it is traced. */
export interface RequestSpan {
  /** For whoever is asked within it. */
  readonly context: TraceContext;
  end(answer: { readonly route: string; readonly status: number; readonly aborted: boolean }): void;
}

/** A call of a source, as it is traced. */
export interface CallSpan {
  readonly context: TraceContext;
  end(ended: { readonly outcome: SpanOutcome; readonly rows: number }): void;
}

export interface TracedCall {
  readonly source: string;
  /** Name of the source's adapter. */
  readonly adapter: string;
  readonly what: 'read' | 'count' | 'write' | 'invoke' | 'watch';
  /** Collection or operation. */
  readonly target: string;
}

/** Who makes spans. Nothing of it throws, and nothing waits. */
export interface Tracer {
  request(method: string, parent: TraceContext): RequestSpan;
  call(of: TracedCall, parent: TraceContext): CallSpan;
}

/** No trace. */
export const UNTRACED: TraceContext = {};

/** What is passed on of who asks. */
export function traceOf({ traceparent, tracestate }: TraceContext): TraceContext {
  if (traceparent === undefined) return UNTRACED;
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
}

/** Section 3.2: a later version may have more behind the flags; `ff` is no version, ids of zeros are none. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-[\x21-\x7e]{1,200})?$/;

/** Section 3.3.1.3: `key=value`, the key perhaps `tenant@system`. */
const MEMBER =
  /^(?:[a-z0-9][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const MAX_MEMBERS = 32;
const MAX_STATE_CHARS = 512;

/** Of the headers of a request; what is not exactly as the standard has it is ignored: then the trace begins here. */
export function readTrace(traceparent: unknown, tracestate: unknown): TraceContext {
  if (typeof traceparent !== 'string') return UNTRACED;
  const [, version, ids, flags, rest] = TRACEPARENT.exec(traceparent) ?? [];
  if (ids === undefined || flags === undefined || (version === '00' && rest !== undefined)) return UNTRACED;
  // We know only the first flag (sampled), and only version 00.
  const parent = `00-${ids}-0${Number.parseInt(flags, 16) & 1}`;
  const state = typeof tracestate === 'string' ? readState(tracestate) : undefined;
  return state === undefined ? { traceparent: parent } : { traceparent: parent, tracestate: state };
}

function readState(text: string): string | undefined {
  if (text.length > MAX_STATE_CHARS) return undefined;
  const members = text
    .split(',')
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((member) => member !== '');
  if (members.length === 0 || members.length > MAX_MEMBERS) return undefined;
  return members.every((member) => MEMBER.test(member)) ? members.join(',') : undefined;
}

/** For the log: 32 hexadecimal digits. */
export function traceIdOf({ traceparent }: TraceContext): string | undefined {
  return traceparent?.slice(3, 35);
}
