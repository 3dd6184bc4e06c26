// The GraphQL facade behind express on a real socket, and one question to it.

import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Fault } from '../../src/fault.ts';
import { createGraphql, type GraphqlParts } from '../../src/graphql/yoga.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { CATALOG } from './bank.ts';

export interface GraphqlFailure {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly locations?: readonly unknown[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the query's, and each test knows its own
  readonly data: any;
  readonly errors: readonly GraphqlFailure[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface Served extends AsyncDisposable {
  readonly url: string;
  readonly faults: { readonly fault: Fault; readonly requestId: string }[];
  ask(query: string, variables?: unknown, headers?: Record<string, string>): Promise<Answer>;
  send(init: RequestInit, search?: string): Promise<Answer>;
}

export async function serve(parts: Partial<GraphqlParts> & Pick<GraphqlParts, 'execute'>): Promise<Served> {
  const faults: { fault: Fault; requestId: string }[] = [];
  const app = express();
  app.use(
    '/graphql',
    createGraphql({
      catalog: CATALOG,
      policy: DEFAULT_POLICY,
      onFault: (fault, requestId) => faults.push({ fault, requestId }),
      ...parts,
    }),
  );
  const server = app.listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;

  const send = async (init: RequestInit, search = ''): Promise<Answer> => {
    const response = await fetch(url + search, init);
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    const body = type.includes('json') ? JSON.parse(text) : {};
    return {
      status: response.status,
      type,
      text,
      data: body.data,
      errors: body.errors ?? [],
      extensions: body.extensions ?? {},
    };
  };
  return {
    url,
    faults,
    send,
    ask: (query, variables, headers = {}) =>
      send({
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
