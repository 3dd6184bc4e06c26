// What the gateway adds to a call of a SOAP service: the same operation called through REST and GraphQL, and with node-soap directly, in
// turns in one run, against a service that answers at once. Ratios are the figures to quote: machines are noisy.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClientAsync } from 'soap';
import { end, median, serve } from './serving.ts';

const root = join(import.meta.dirname, '..');
const wsdl = join(root, 'schemas', 'scoring', 'scoring.wsdl');
const SECONDS = 3;
const ROUNDS = 5;
const CALLERS = [1, 50];
const GATEWAY_PORT = 4792;
const SERVICE_PORT = 4793;

const ENVELOPE = `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
<GetScoreResponse xmlns="urn:example:credit-scoring"><Score model="CH-retail-2025.2"><CustomerId>100000001</CustomerId><Points>621</Points>
<Grade>B</Grade><ProbabilityOfDefault>0.228775</ProbabilityOfDefault><AssessedAt>2026-03-12T08:30:00+01:00</AssessedAt><Limit>55250.00</Limit>
<Factor weight="12">Payment history</Factor></Score></GetScoreResponse></soap:Body></soap:Envelope>`;

type Call = () => Promise<unknown>;

interface Figures {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** So many callers, each of which calls again as soon as it has its answer. */
async function load(call: Call, callers: number): Promise<Figures> {
  const took: number[] = [];
  const began = performance.now();
  const end = began + SECONDS * 1_000;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < end) {
        const start = performance.now();
        await call();
        took.push(performance.now() - start);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { perSecond: took.length / seconds, p50: at(0.5), p99: at(0.99) };
}

const agent = new Agent({ keepAlive: true, maxSockets: 100 });

function http(path: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `http://127.0.0.1:${GATEWAY_PORT}${path}`,
      {
        agent,
        ...(body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' } }),
      },
      (res) => {
        let text = '';
        res.setEncoding('utf8');
        res.on('data', (piece: string) => {
          text += piece;
        });
        res.once('end', () =>
          res.statusCode === 200 ? resolve(text) : reject(new Error(`${res.statusCode} ${text}`)),
        );
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Prints one row for each number of callers: node-soap, REST and GraphQL, medians of the rounds. */
export async function benchSoap(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-bench-soap-'));
  const config = join(folder, 'overpunch.yaml');
  const endpoint = `http://127.0.0.1:${SERVICE_PORT}/`;
  writeFileSync(join(folder, 'scoring.wsdl'), readFileSync(wsdl));
  writeFileSync(
    config,
    `access: { development: true }
sources: { scoring: { adapter: soap, wsdl: scoring.wsdl, endpoint: "${endpoint}", operations: { GetScore: { effect: read } } } }\n`,
  );
  const service = await serve(
    'bench/ready-envelope.ts',
    [String(SERVICE_PORT), Buffer.from(ENVELOPE).toString('base64')],
    endpoint,
  );
  const gateway = await serve(
    'src/main.ts',
    ['serve', '-c', config, '--port', String(GATEWAY_PORT)],
    `http://127.0.0.1:${GATEWAY_PORT}/health/live`,
  );
  const client = await createClientAsync(wsdl, { endpoint });
  const query = JSON.stringify({
    query:
      '{ getScore(customerId: 100000001) { customerId points grade limit assessedAt factor { value weight } } }',
  });
  const ways: Readonly<Record<string, Call>> = {
    'node-soap': () => client['GetScoreAsync']({ CustomerId: 100_000_001 }),
    REST: () => http('/api/getScore?customerId=100000001'),
    GraphQL: () => http('/graphql', query),
  };
  const rows: Record<string, Record<string, string>> = {};
  try {
    for (const callers of CALLERS) {
      const seen = new Map(Object.keys(ways).map((name) => [name, [] as Figures[]]));
      for (const call of Object.values(ways)) await load(call, callers);
      for (let round = 0; round < ROUNDS; round++) {
        for (const [name, call] of Object.entries(ways)) seen.get(name)?.push(await load(call, callers));
      }
      const of = (name: string, figure: keyof Figures): number =>
        median((seen.get(name) ?? []).map((one) => one[figure]));
      for (const name of Object.keys(ways)) {
        rows[`${name}, ${callers === 1 ? '1 caller' : `${callers} callers`}`] = {
          'calls/s': of(name, 'perSecond').toFixed(0),
          ': node-soap': (of(name, 'perSecond') / of('node-soap', 'perSecond')).toFixed(2),
          'p50 ms': of(name, 'p50').toFixed(2),
          'added p50 ms': (of(name, 'p50') - of('node-soap', 'p50')).toFixed(2),
          'p99 ms': of(name, 'p99').toFixed(2),
          'added p99 ms': (of(name, 'p99') - of('node-soap', 'p99')).toFixed(2),
        };
      }
    }
  } finally {
    agent.destroy();
    await end(gateway);
    await end(service);
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(
    `\nA SOAP operation through the gateway against node-soap directly, medians of ${ROUNDS} rounds of ${SECONDS} s:`,
  );
  console.table(rows);
}
