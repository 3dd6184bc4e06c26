// The demo's credit-scoring service: a real SOAP server (node-soap's) on a loopback port. Its scores are made up, the same for the same
// customer. Customers whose number is a multiple of seven have no score.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { listen as listenSoap } from 'soap';

export interface ScoringService extends AsyncDisposable {
  readonly url: string;
  /** Names of the operations that were called, in order. */
  readonly calls: readonly string[];
  /** Calls under way at the same time, at most. */
  mostAtOnce(): number;
}

const WSDL = join(import.meta.dirname, '..', '..', 'schemas', 'scoring', 'scoring.wsdl');
const MODEL = 'CH-retail-2025.2';
const GRADES = ['D', 'C', 'B', 'A'];

/** Port 0 takes any free one. Rejects with the error of the socket where the port is taken. */
export async function startScoring({
  host = '127.0.0.1',
  port = 0,
}: {
  readonly host?: string;
  readonly port?: number;
} = {}): Promise<ScoringService> {
  const calls: string[] = [];
  let atOnce = 0;
  let most = 0;
  /** Answers in the next turn, so that calls side by side are seen side by side. */
  const called = async <T>(name: string, answer: () => T): Promise<T> => {
    calls.push(name);
    most = Math.max(most, ++atOnce);
    await setImmediate();
    atOnce--;
    return answer();
  };
  const server = createServer((_req, res) => {
    res.statusCode = 404;
    res.end();
  });
  const services = {
    CreditScoring: {
      CreditScoringSoap: {
        GetScore: ({ CustomerId }: { CustomerId: number }) =>
          called('GetScore', () => ({ Score: scoreOf(known(CustomerId)) })),
        GetScores: ({ CustomerId }: { CustomerId: number | number[] }) =>
          called('GetScores', () => ({ Score: [CustomerId].flat().filter(hasScore).map(scoreOf) })),
        RequestReview: ({ CustomerId }: { CustomerId: number }) =>
          called('RequestReview', () => ({
            ReviewNo: `${9_000_000_000_000_000_000n + BigInt(known(CustomerId))}`,
            DueOn: '2026-12-31',
          })),
      },
    },
  };
  await new Promise<void>((resolve, reject) => {
    listenSoap(server, {
      path: '/scoring',
      services,
      xml: readFileSync(WSDL, 'utf8'),
      uri: WSDL,
      suppressStack: true,
      callback: (error) => (error === null || error === undefined ? resolve() : reject(error)),
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host}:${bound}/scoring`,
    calls,
    mostAtOnce: () => most,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function hasScore(customer: number): boolean {
  return customer % 7 !== 0;
}

/** Throws the service's own fault for a customer without a score. */
function known(customer: number): number {
  if (hasScore(customer)) return customer;
  throw {
    Fault: {
      faultcode: 'soap:Client.UnknownCustomer',
      faultstring: 'The customer is not known to the scoring',
      detail: {
        UnknownCustomer: { attributes: { xmlns: 'urn:example:credit-scoring' }, CustomerId: customer },
      },
      statusCode: 500,
    },
  };
}

function scoreOf(customer: number) {
  const dice = (customer * 48_271) % 2_147_483_647;
  const points = 300 + (dice % 551);
  const risk = ((850 - points) * 997 + (dice % 500)) % 1_000_000;
  return {
    attributes: { model: MODEL },
    CustomerId: customer,
    Points: points,
    Grade: GRADES[Math.min(3, Math.floor((points - 300) / 138))],
    ProbabilityOfDefault: `0.${String(risk).padStart(6, '0')}`,
    AssessedAt: `2026-0${1 + (dice % 9)}-1${dice % 10}T08:30:00+01:00`,
    Limit: points < 420 ? null : `${(points - 400) * 250}.00`,
    Factor: [
      { attributes: { weight: 10 + (dice % 90) }, $value: 'Payment history' },
      ...(dice % 3 === 0 ? [{ attributes: { weight: dice % 40 }, $value: 'Length of relationship' }] : []),
    ],
  };
}
