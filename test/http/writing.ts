// How tests write: one request with a JSON body, and what came back of it.

import assert from 'node:assert/strict';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined: there was no body. */
  readonly body: unknown;
  readonly text: string;
}

/** `body`: text as it is, anything else as JSON. */
export async function send(
  method: string,
  url: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  });
  const text = await response.text();
  const parsed: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, headers: response.headers, body: parsed, text };
}

/** The problem document's members that say what went wrong and where. */
export function problem(reply: Reply): Readonly<Record<string, unknown>> {
  const { status, body } = reply;
  assert.ok(typeof body === 'object' && body !== null && status >= 400, `${status} ${reply.text}`);
  const kept = ['code', 'parameter', 'field', 'record', 'hint', 'collection', 'detail'];
  return { status, ...Object.fromEntries(Object.entries(body).filter(([name]) => kept.includes(name))) };
}

/** Status, code and place: `400 unknown-field balanec`. */
export function brief(reply: Reply): string {
  const { status, code, parameter } = problem(reply);
  return [status, code, ...(parameter === undefined ? [] : [parameter])].join(' ');
}
