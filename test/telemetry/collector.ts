// A collector of traces: OTLP over HTTP, in JSON, on a loopback port.

import { startScripted } from '../fakes/scripted-http.ts';

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  /** 2: server, 3: client. */
  readonly kind: number;
  /** 2: error. */
  readonly status: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface Collector extends AsyncDisposable {
  readonly endpoint: string;
  spans(): readonly CollectedSpan[];
  /** Bodies and headers as they came. */
  text(): string;
  /** From now on it answers with this status; 0: it cuts the connection. */
  fails(status: number): void;
}

export async function startCollector(): Promise<Collector> {
  let status = 200;
  const server = await startScripted((_seen, res) => {
    if (status === 0) {
      res.destroy();
      return;
    }
    res.writeHead(status, { 'content-type': 'application/json' });
    res.end('{}');
  });
  return {
    endpoint: `http://127.0.0.1:${server.port}/v1/traces`,
    spans: () => server.seen.flatMap(({ body }) => spansIn(JSON.parse(body.toString()))),
    text: () =>
      server.seen.map(({ headers, body }) => `${JSON.stringify(headers)} ${body.toString()}`).join('\n'),
    fails(with_) {
      status = with_;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: OTLP's JSON, as it came
function spansIn(body: any): readonly CollectedSpan[] {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  return body.resourceSpans.flatMap(({ scopeSpans }: any) =>
    // biome-ignore lint/suspicious/noExplicitAny: as above
    scopeSpans.flatMap(({ spans }: any) =>
      // biome-ignore lint/suspicious/noExplicitAny: as above
      spans.map(({ attributes, status, ...span }: any) => ({
        ...span,
        status: status.code ?? 0,
        attributes: Object.fromEntries(
          // biome-ignore lint/suspicious/noExplicitAny: as above
          attributes.map(({ key, value }: any) => [key, Object.values(value)[0]]),
        ),
      })),
    ),
  );
}
