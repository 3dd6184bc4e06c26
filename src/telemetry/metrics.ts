// Knows: what is counted and measured, under which names Prometheus finds it (https://prometheus.io/docs/practices/naming/).
// Must not know: who scrapes, where anything was observed. Labels hold names of the catalog and closed lists, never what a client wrote.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CallObservation, Observation, Observe } from '../observe.ts';
import type { SourceHealth } from '../query/request.ts';
import { createGauges } from './gauges.ts';

export interface Measured {
  readonly observe: Observe;
  /** Media type of the text. */
  readonly type: string;
  /** Everything as it is now. */
  text(gateway: Measurable): Promise<string>;
}

/** What a gateway is asked when somebody looks. */
export interface Measurable {
  health(): readonly SourceHealth[];
  /** Answers that are kept, and the memory that they take, together with those that are still being read. */
  cached(): { readonly answers: number; readonly bytes: number };
}

type RequestObservation = Extract<Observation, { readonly kind: 'request' }>;
type Labels<Name extends string> = Readonly<Record<Name, string>>;

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Seconds: a host that answers in memory, and one that takes its time. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics(version: string): Measured {
  const registry = new Registry();
  const registers = [registry];
  // Event loop delay, memory, CPU, garbage collection, file descriptors.
  collectDefaultMetrics({ register: registry });
  const counter = <const Name extends string>(name: string, help: string, labelNames: readonly Name[] = []) =>
    new Counter({ name: `overpunch_${name}`, help, labelNames: [...labelNames], registers });
  const seconds = <const Name extends string>(name: string, help: string, labelNames: readonly Name[]) =>
    new Histogram({
      name: `overpunch_${name}_seconds`,
      help,
      labelNames: [...labelNames],
      buckets: BUCKETS,
      registers,
    });
  const gauge = <const Name extends string>(name: string, help: string, labelNames: readonly Name[] = []) =>
    new Gauge({ name: `overpunch_${name}`, help, labelNames: [...labelNames], registers });

  gauge('build_info', 'Always 1; what runs here', ['version', 'node']).set(
    { version, node: process.versions.node },
    1,
  );
  const requests = seconds('http_request_duration', 'From the first header to the last byte of the answer', [
    'surface',
    'route',
    'method',
    'status',
  ]);
  const inFlight = gauge('http_requests_in_flight', 'Requests that have begun and not ended');
  const left = counter('http_requests_aborted_total', 'Clients that left before their answer was complete', [
    'surface',
  ]);
  const bytes = counter('http_response_bytes_total', 'Sent to clients, headers included', ['surface']);
  const calls = seconds(
    'source_call_duration',
    'Calls of a source, all attempts and the wait for a turn included',
    ['source', 'what', 'outcome'],
  );
  const attempts = counter('source_attempts_total', 'Attempts at calls', ['source', 'what']);
  const rows = counter('source_rows_total', 'Rows that calls have brought', ['source', 'what']);
  const queued = counter('source_queued_seconds_total', 'Time that calls waited for their turn', [
    'source',
    'what',
  ]);
  const breakers = counter('source_breaker_changes_total', 'Changes of the circuit breaker', [
    'source',
    'to',
  ]);
  const cacheUses = counter('cache_uses_total', 'What the cache had to do with reads', ['use']);
  const cacheBytes = counter(
    'cache_answer_bytes_total',
    'Size of the answers that the cache had to do with',
    ['use'],
  );
  const cacheMemory = gauge('cache_memory_bytes', 'Memory that answers take: kept, or still being read');
  const cacheAnswers = gauge('cache_answers', 'Answers that are kept');
  const faults = counter('faults_total', 'Faults that clients were told of', ['kind']);
  const decodeFaults = counter('decode_faults_total', 'Faults of data that does not decode', [
    'source',
    'collection',
  ]);
  const reloads = counter('config_reloads_total', 'Configurations that were read again', ['outcome']);
  const audits = counter('audit_records_total', 'Records of accesses', ['outcome']);
  const auditFailures = counter('audit_failures_total', 'Times that audit records could not be written');
  const gauges = createGauges(gauge);

  const sums: Sum[] = [];
  const summed = <const Name extends string>(
    of: Counter<Name>,
  ): ((labels: Labels<Name>, n: number) => void) => {
    const sum = createSum(of);
    sums.push(sum);
    return sum.add;
  };
  const addBytes = summed(bytes);
  const addAttempts = summed(attempts);
  const addRows = summed(rows);
  const addQueued = summed(queued);
  const addAudits = summed(audits);
  let running = 0;

  const requestLabels = keptLabels<'surface' | 'route' | 'method' | 'status'>();
  const callLabels = keptLabels<'source' | 'what' | 'outcome'>();
  const auditLabels = keptLabels<'outcome'>();
  const ownLabels = keptLabels<'source' | 'what'>();
  const SURFACES = { rest: { surface: 'rest' }, graphql: { surface: 'graphql' }, page: { surface: 'page' } };

  const onRequest = (request: RequestObservation): void => {
    const { route = 'other', status, durationMs, aborted } = request;
    const method = METHODS.has(request.method) ? request.method : 'other';
    const surface = surfaceOf(route);
    const of = SURFACES[surface];
    const labels = requestLabels(`${method} ${route} ${Math.trunc(status / 100)}`, () => ({
      surface,
      route,
      method,
      status: `${Math.trunc(status / 100)}xx`,
    }));
    requests.observe(labels, durationMs / 1_000);
    running--;
    if (request.bytes !== undefined) addBytes(of, request.bytes);
    if (aborted === true) left.inc(of);
  };

  const onCall = ({ source, what, outcome, ...call }: CallObservation): void => {
    const labels = callLabels(`${source} ${what} ${outcome}`, () => ({ source, what, outcome }));
    calls.observe(labels, call.durationMs / 1_000);
    const own = ownLabels(`${source} ${what}`, () => ({ source, what }));
    addAttempts(own, call.attempts);
    if (call.rows > 0) addRows(own, call.rows);
    if (call.queuedMs > 0) addQueued(own, call.queuedMs / 1_000);
  };

  return {
    observe(observation) {
      switch (observation.kind) {
        case 'begun':
          running++;
          return;
        case 'request':
          return onRequest(observation);
        case 'call':
          return onCall(observation);
        case 'cache':
          cacheUses.inc({ use: observation.use });
          cacheBytes.inc({ use: observation.use }, observation.bytes);
          return;
        case 'breaker':
          breakers.inc({ source: observation.source, to: observation.state });
          return;
        case 'fault': {
          const { kind, place } = observation.fault;
          faults.inc({ kind });
          if (kind !== 'corrupt') return;
          decodeFaults.inc({ source: place.source ?? '', collection: place.collection ?? '' });
          return;
        }
        case 'reload':
          reloads.inc({ outcome: observation.problems === 0 ? 'ok' : 'refused' });
          return;
        case 'audit':
          addAudits(
            auditLabels(observation.outcome, () => ({ outcome: observation.outcome })),
            1,
          );
          return;
        case 'audit-failure':
          if (observation.code !== undefined) auditFailures.inc();
          return;
        case 'source':
        case 'started':
        case 'stopped':
          return;
      }
    },
    type: registry.contentType,
    text({ health, cached }) {
      const { answers, bytes: memory } = cached();
      gauges(health());
      cacheMemory.set(memory);
      cacheAnswers.set(answers);
      inFlight.set(running);
      for (const sum of sums) sum.tell();
      return registry.metrics();
    },
  };
}

/** What is added up between two looks: a map and an addition cost less than the library's own way. */
interface Sum {
  tell(): void;
}

function createSum<Name extends string>(of: Counter<Name>) {
  const pending = new Map<Labels<Name>, number>();
  return {
    add: (labels: Labels<Name>, n: number): void => {
      pending.set(labels, (pending.get(labels) ?? 0) + n);
    },
    tell: (): void => {
      for (const [labels, n] of pending) of.inc(labels, n);
      pending.clear();
    },
  };
}

/** Whoever asks for the same series again hands over the same object. */
function keptLabels<Name extends string>(): (key: string, make: () => Labels<Name>) => Labels<Name> {
  const known = new Map<string, Labels<Name>>();
  return (key, make) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const fresh = make();
    known.set(key, fresh);
    return fresh;
  };
}

function surfaceOf(route: string): 'rest' | 'graphql' | 'page' {
  if (route === '/graphql') return 'graphql';
  return route === '/api' || route.startsWith('/api/') ? 'rest' : 'page';
}
