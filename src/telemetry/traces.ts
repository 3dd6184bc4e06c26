// Knows: how spans are made with OpenTelemetry and sent by OTLP over HTTP. Loaded only where traces are configured.
// Must not know: what is traced, HTTP servers. A span holds names of the catalog and numbers: no path, no filter, no SQL, no data.

import {
  type Attributes,
  type Context,
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { type TraceContext, type TracedCall, type Tracer, UNTRACED } from '../query/trace.ts';

export interface TracesTarget {
  /** `http://collector:4318/v1/traces` */
  readonly endpoint: string;
  /** Secrets read. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the traces that begin here. */
  readonly ratio: number;
  readonly version: string;
}

export interface Traces extends Tracer {
  /** Sends what waits, for `maxMs` at most. Nothing is sent afterwards. */
  end(maxMs: number): Promise<void>;
}

/** How long one export may take, in milliseconds. */
const EXPORT_MS = 5_000;

/** Semantic conventions: `db.system.name` by our adapters. */
const DATABASES: Readonly<Record<string, string>> = {
  mssql: 'microsoft.sql_server',
  oracle: 'oracle.db',
  postgres: 'postgresql',
  mysql: 'mysql',
  sqlite: 'sqlite',
};

export function createTraces({ endpoint, headers, ratio, version }: TracesTarget): Traces {
  const exporter = new OTLPTraceExporter({
    url: endpoint,
    headers: { ...headers },
    timeoutMillis: EXPORT_MS,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'overpunch', 'service.version': version }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, exportTimeoutMillis: EXPORT_MS })],
  });
  const tracer = provider.getTracer('overpunch', version);
  return {
    request(method, parent) {
      const span = tracer.startSpan(
        method,
        { kind: SpanKind.SERVER, attributes: { 'http.request.method': method } },
        contextOf(parent, true),
      );
      return {
        context: passedOn(span),
        end({ route, status, aborted }) {
          span.updateName(`${method} ${route}`);
          span.setAttributes({
            'http.route': route,
            'http.response.status_code': status,
            ...(aborted ? { 'overpunch.aborted': true } : {}),
          });
          if (status >= 500)
            span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', `${status}`);
          span.end();
        },
      };
    },
    call(of, parent) {
      const span = tracer.startSpan(
        `${of.what} ${of.source}.${of.target}`,
        { kind: SpanKind.CLIENT, attributes: attributesOf(of) },
        contextOf(parent, false),
      );
      return {
        context: passedOn(span),
        end({ outcome, rows }) {
          span.setAttribute('overpunch.rows', rows);
          if (outcome !== 'ok') span.setAttribute('error.type', outcome);
          if (outcome !== 'ok' && outcome !== 'cancelled') span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    async end(maxMs) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, maxMs);
      await Promise.race([provider.shutdown().catch(() => {}), promise]);
      clearTimeout(timer);
    },
  };
}

function attributesOf({ source, adapter, what, target }: TracedCall): Attributes {
  const own = { 'overpunch.source': source, 'overpunch.target': target };
  const database = DATABASES[adapter];
  if (database !== undefined)
    return { ...own, 'db.system.name': database, 'db.operation.name': what, 'db.collection.name': target };
  if (adapter === 'soap') return { ...own, 'rpc.system': 'soap', 'rpc.method': target };
  return { ...own, 'overpunch.adapter': adapter };
}

/** `isRemote`: the parent is a span of the client. */
function contextOf({ traceparent, tracestate }: TraceContext, isRemote: boolean): Context {
  if (traceparent === undefined) return ROOT_CONTEXT;
  const parent: SpanContext = {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    traceFlags: Number.parseInt(traceparent.slice(53), 16),
    isRemote,
    ...(tracestate === undefined ? {} : { traceState: createTraceState(tracestate) }),
  };
  return trace.setSpanContext(ROOT_CONTEXT, parent);
}

function passedOn(span: Span): TraceContext {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  if (!trace.isSpanContextValid(span.spanContext())) return UNTRACED;
  const traceparent = `00-${traceId}-${spanId}-0${traceFlags & 1}`;
  const state = traceState?.serialize();
  return state === undefined || state === '' ? { traceparent } : { traceparent, tracestate: state };
}
