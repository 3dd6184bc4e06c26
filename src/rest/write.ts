// Knows: one writing request over HTTP, from its headers to the last byte of its answer.
// Must not know: other paths of the server, sources, how a change is carried out.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '../fault.ts';
import type { CatalogCollection } from '../model/catalog.ts';
import type { Json, Value } from '../model/value.ts';
import type { Change, Outcome } from '../query/change.ts';
import { hasLeft } from '../query/context.ts';
import { gone, readBack, rowsAtOnce, rowsRequest } from '../query/read-back.ts';
import type { Context, Selection, Write } from '../query/request.ts';
import { outcomesJson, readChanges } from './batch.ts';
import { type Conditions, readConditions, readPreferred } from './conditions.ts';
import { formatOf } from './format.ts';
import { requireJson } from './negotiate.ts';
import { splitQuery } from './parameters.ts';
import { type Pairs, parseInsert, parseRest, queryOf, spelt } from './parse.ts';
import type { Prepared } from './render.ts';
import { isBatchPath, itemPath, resolvePath } from './routes.ts';
import { readInserts, readKeyed } from './row-changes.ts';
import { expectedBy, notThere, see } from './seen.ts';
import { type Reading, readRows, rowRequest } from './written.ts';

export interface Writing extends Reading {
  readonly write: Write;
  readonly context: Context;
  /** The body as parsed JSON; undefined: there is none. */
  readBody(): Promise<unknown>;
}

/** What every step of one request needs. */
interface Exchange extends Writing {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly preferred: ReturnType<typeof readPreferred>;
}

/** `path` answers to the request's method. A fault that is thrown can still be told: nothing of the answer has left. */
export async function answerWrite(
  url: string,
  req: IncomingMessage,
  res: ServerResponse,
  writing: Writing,
): Promise<void> {
  requireJson(req.headers.accept);
  const exchange: Exchange = {
    ...writing,
    req,
    res,
    preferred: readPreferred(req.headers.prefer),
  };
  const path = url.split('?', 1)[0] ?? url;
  try {
    if (isBatchPath(path)) await changeAll(url, exchange);
    else {
      const target = resolvePath(writing.catalog, path);
      if (target.kind === 'operation') throw new Fault('internal', 'An operation is no row');
      if (target.key === undefined) await insert(url, target.collection, exchange);
      else await changeOne(url, exchange);
    }
  } catch (error) {
    // Nobody is left to be told.
    if (!hasLeft(writing.context.signal)) throw error;
  }
}

/** `POST /api`: changes of several collections of one source. */
async function changeAll(url: string, exchange: Exchange): Promise<void> {
  const { catalog, req } = exchange;
  const [parameter] = splitQuery(queryOf(url));
  if (parameter !== undefined) throw noParameter(parameter[0]);
  readConditions('POST', 'batch', req.headers);
  const changes = readChanges(catalog, await exchange.readBody());
  const outcomes = await carryOut(changes, (i, part, field) => `changes[${i}].${part}.${field}`, exchange);
  send(
    exchange,
    200,
    exchange.preferred === 'minimal' ? undefined : outcomesJson(catalog, changes, outcomes),
  );
}

/** `POST /api/{collection}`: one row, or a list of them. */
async function insert(url: string, collection: CatalogCollection, exchange: Exchange): Promise<void> {
  const { catalog, req, res, context } = exchange;
  const { selection, pairs } = parseInsert(url, collection, catalog);
  readConditions('POST', 'list', req.headers);
  const body = await exchange.readBody();
  const changes = readInserts(collection, body);
  const answered = exchange.preferred !== 'minimal' && collection.key.length > 0;
  if (answered) await rehearse(collection, selection, changes.length, exchange);
  const outcomes = await carryOut(
    changes,
    (i, _, field) => (Array.isArray(body) ? `[${i}].${field}` : field),
    exchange,
  );
  const keys = outcomes.map(({ key }) => key);
  if (Array.isArray(body)) {
    const value = answered
      ? await readBack(collection, keys, {
          read: () => readRows(collection, selection, keys, exchange, context),
          textOf: (key) => itemPath(collection, key),
          signal: context.signal,
        })
      : undefined;
    if (answered) apply(exchange, 'representation');
    send(exchange, 201, value === undefined ? undefined : { value });
    return;
  }
  const [key = []] = keys;
  if (collection.key.length > 0) res.setHeader('Location', itemPath(collection, key));
  if (!answered) send(exchange, 201, undefined);
  else await sendRow(rowRequest(catalog, collection, selection, key), 201, pairs, exchange);
}

/** The member of a change that a source finds wrong, as a place in the request. */
type PlaceOf = (i: number, part: 'values' | 'expected', field: string) => string;

/** Makes the changes. What is found wrong with a field only now has its place in the request, too. */
async function carryOut(
  changes: readonly Change[],
  placeOf: PlaceOf,
  { write, context }: Exchange,
): Promise<readonly Outcome[]> {
  try {
    return await write(changes, context);
  } catch (error) {
    if (!(error instanceof Fault) || (error.kind !== 'invalid' && error.kind !== 'stale')) throw error;
    const { record = 1, field } = error.place;
    const part = error.kind === 'stale' ? 'expected' : 'values';
    throw field === undefined ? error : error.at({ parameter: placeOf(record - 1, part, field) });
  }
}

/** Planned, not read: what cannot be read back is refused before anything is written. */
async function rehearse(
  collection: CatalogCollection,
  selection: Selection,
  rows: number,
  { execute, policy, context }: Exchange,
): Promise<void> {
  const request = rowsRequest(collection, selection, [], Math.min(rows, rowsAtOnce(policy)));
  await execute(request, context);
}

/** `PUT`, `PATCH` and `DELETE` of `/api/{collection}/{key}`. */
async function changeOne(url: string, exchange: Exchange): Promise<void> {
  const { catalog, policy, req, res, execute, context } = exchange;
  const { method = '' } = req;
  const parsed = parseRest(url, 'json', catalog, policy);
  const { collection, request } = parsed;
  if (request.kind !== 'item') throw new Fault('internal', 'A row has a key');
  const prepared: Prepared = { ...parsed, format: formatOf(parsed, catalog) };
  const conditions = readConditions(method, 'item', req.headers);
  const change = await readChange(method, collection, request.key, conditions, exchange);
  const expected = await expectedBy(conditions.match, prepared, exchange, context);
  if (method === 'DELETE' && request.selection.include.length > 0) throw noParameter('include');
  const answered = method !== 'DELETE' && exchange.preferred !== 'minimal';
  if (answered) await execute(request, context);
  const outcome = await writeOne(
    { ...change, ...(expected === undefined ? {} : { expected }) },
    conditions,
    prepared,
    exchange,
  );

  const status = outcome.created ? 201 : method === 'DELETE' ? 204 : 200;
  if (outcome.created) res.setHeader('Location', itemPath(collection, outcome.key));
  if (answered) await sendRow(prepared, status, splitQuery(queryOf(url)), exchange);
  else send(exchange, status, undefined);
}

async function readChange(
  method: string,
  collection: CatalogCollection,
  key: readonly Value[],
  { absent }: Conditions,
  { req, readBody }: Exchange,
): Promise<Change> {
  if (method !== 'DELETE') {
    const verb = method === 'PATCH' ? 'update' : absent ? 'insert' : 'upsert';
    if (verb === 'upsert' && collection.writes?.includes(verb) !== true) throw onlyNew(collection);
    return readKeyed(collection, verb, key, await readBody());
  }
  if (req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0) {
    throw new Fault('invalid', 'A DELETE has no body', { code: 'bad-body' });
  }
  return { collection: collection.name, verb: 'delete', key, values: {} };
}

/** Conditions that do not hold are all told alike: the row is not as the client has seen it (RFC 9110, section 13.1). */
async function writeOne(
  change: Change,
  { match, absent }: Conditions,
  prepared: Prepared,
  exchange: Exchange,
): Promise<Outcome> {
  try {
    const [outcome] = await carryOut(
      [change],
      (_, part, field) => (part === 'expected' ? 'If-Match' : field),
      exchange,
    );
    return outcome ?? { key: change.key ?? [], created: false };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (match !== undefined && error.kind === 'not-found') throw notThere();
    // A row with another key may be what it collides with: then it is a conflict like any other.
    if (absent && error.kind === 'conflict' && (await isThere(prepared, exchange))) throw alreadyThere();
    throw error;
  }
}

async function isThere(prepared: Prepared, exchange: Exchange): Promise<boolean> {
  try {
    return (await see(prepared, exchange, exchange.context)) !== undefined;
  } catch {
    return false;
  }
}

/** The row as the GET of its address answers it now. */
async function sendRow(prepared: Prepared, status: number, query: Pairs, exchange: Exchange): Promise<void> {
  const { res, req, context } = exchange;
  const { collection, request } = prepared;
  const key = request.kind === 'item' ? request.key : [];
  const { body, etag } = await readBack(collection, [key], {
    read: async () => (await see(prepared, exchange, context)) ?? gone(),
    textOf: (written) => itemPath(collection, written),
    signal: context.signal,
  });
  const parameters = query.map(spelt).join('&');
  res.setHeader('Content-Location', itemPath(collection, key) + (parameters === '' ? '' : `?${parameters}`));
  // RFC 9110, section 9.3.4: a validator would say that the row was kept just as it was sent.
  if (etag !== undefined && req.method !== 'PUT') res.setHeader('ETag', etag);
  apply(exchange, 'representation');
  sendBody(exchange, status, body);
}

/** Without a body 200 becomes 204: only 201 says more than that nothing follows. */
function send(exchange: Exchange, status: number, json: Json | undefined): void {
  sendBody(exchange, status, json === undefined ? undefined : Buffer.from(JSON.stringify(json)));
}

function sendBody(exchange: Exchange, status: number, body: Uint8Array | undefined): void {
  const { res } = exchange;
  res.statusCode = body === undefined && status === 200 ? 204 : status;
  res.setHeader('Cache-Control', 'no-store');
  if (body === undefined) {
    if (exchange.req.method !== 'DELETE') apply(exchange, 'minimal');
    res.end();
    return;
  }
  res.setHeader('Content-Type', 'application/json');
  res.setHeader('Content-Length', body.length);
  res.end(body);
}

/** Says that the client's preference is met, if it has this one. */
function apply({ res, preferred }: Exchange, met: 'minimal' | 'representation'): void {
  if (preferred === met) res.appendHeader('Preference-Applied', `return=${met}`);
}

function noParameter(name: string): Fault {
  return new Fault(
    'invalid',
    `No row is answered here, so the parameter "${name.slice(0, 60)}" has no meaning`,
    {
      code: 'unknown-parameter',
      parameter: name.slice(0, 60),
    },
  );
}

function onlyNew({ name }: CatalogCollection): Fault {
  return new Fault('unsupported', `Rows of "${name}" cannot be replaced`, {
    code: 'not-writable',
    collection: name,
    hint: 'If-None-Match: * for a row that is not there yet',
  });
}

function alreadyThere(): Fault {
  return new Fault('stale', 'There is such a row already', { code: 'duplicate', parameter: 'If-None-Match' });
}
