// Knows: GraphQL over HTTP on graphql-yoga: what is switched on, what is refused, how an answer is finished.
// Must not know: collections, sources. The schema does the asking.

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as graphqlJs from 'graphql';
import { assertValidSchema, type ExecutionResult, GraphQLError } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { Fault } from '../fault.ts';
import type { Catalog } from '../model/catalog.ts';
import type { Policy } from '../policy.ts';
import { begun } from '../query/context.ts';
import { ages } from '../query/freshness.ts';
import type { Context, Execute, Invoke, Write } from '../query/request.ts';
import type { Watch } from '../query/watching.ts';
import { type Answer, answerOf } from './complete.ts';
import type { GraphqlContext } from './context.ts';
import { faultOf, rendered } from './errors.ts';
import { firstQuery, GRAPHIQL_POLICY, graphiqlPage } from './graphiql.ts';
import { type KnownDocuments, type KnownQuery, knownDocuments } from './known-documents.ts';
import {
  bareVariables,
  boundedParse,
  maxDepthRule,
  maxExtentRule,
  variableDepth,
  wrapped,
} from './limits.ts';
import { type Looks, looks } from './looks.ts';
import { createSchema } from './schema.ts';

export interface GraphqlParts {
  readonly catalog: Catalog;
  readonly execute: Execute;
  readonly policy: Policy;
  /** Told every fault that a client is told: once, in however many places of the answer it stands. */
  readonly onFault: (fault: Fault, requestId: string, serial?: number) => void;
  readonly invoke?: Invoke;
  readonly write?: Write;
  readonly watch?: Watch;
  /** What GraphiQL's editor of headers begins with: where credentials are typed in. */
  readonly pageHeaders?: Readonly<Record<string, string>>;
}

/** `body` is there when something in front has read it. */
type RequestWithBody = IncomingMessage & { readonly body?: unknown };

/** What the server puts beside yoga's own context. */
type ServerContext = AnsweringContext & { readonly req: RequestWithBody };

type AnsweringContext = GraphqlContext & {
  /** The query has been carried out; only its answer is to be written. */
  readonly executed?: ExecutionResult;
};

export type GraphqlHandler = (
  req: RequestWithBody,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** Mount it at `/graphql`. Paths below it are not GraphQL's. */
export function createGraphql(parts: GraphqlParts): GraphqlHandler {
  const { catalog, execute, policy, onFault, invoke, write, watch, pageHeaders } = parts;
  const schema = createSchema(catalog, policy);
  // Now, not at the first query.
  assertValidSchema(schema);
  const documents = knownDocuments(variableDepth(policy));
  const yoga = createYoga<ServerContext>({
    schema,
    plugins: [strict(policy, documents), finishing(policy, onFault)],
    graphiql: {
      title: 'Overpunch GraphiQL',
      defaultQuery: firstQuery(catalog),
      ...(pageHeaders === undefined ? {} : { headers: JSON.stringify(pageHeaders, undefined, 2) }),
      // A credential stays in the page that it was typed into.
      shouldPersistHeaders: false,
    },
    renderGraphiQL: graphiqlPage,
    // `finishing` is the one place where errors are masked.
    maskedErrors: false,
    maxRequestBodySize: policy.http.maxBodyBytes,
    batching: false,
    multipart: false,
    landingPage: false,
    cors: false,
    logging: false,
  });

  const answers = new WeakMap<Looks, Answer>();
  /** From the second time on: working out how to complete a query costs as much as completing it once. */
  const answer = (
    args: Parameters<typeof answerOf>[0],
    asked: Looks,
    context: GraphqlContext,
  ): ReturnType<Answer> => {
    const before = answers.get(asked);
    const own =
      before === GRAPHQL_JS ? answerOf({ ...args, contextValue: undefined }, policy) : (before ?? GRAPHQL_JS);
    if (own !== before) answers.set(asked, own);
    return own(context);
  };

  /** Yoga does not write to a client that has left, but what became of an undertaking is to be written all the same. */
  const handle = async (
    req: RequestWithBody,
    res: ServerResponse,
    context: AnsweringContext,
  ): Promise<void> => {
    if (context.exchange.undertaking === undefined) return yoga(req, res, context);
    const response = await yoga.handleNodeRequest(req, { ...context, req });
    res.writeHead(response.status, Object.fromEntries(response.headers));
    for await (const piece of response.body ?? []) res.write(piece);
    res.end();
  };

  const answerKnown = async (
    { document, variables, operationName, type, looks: asked }: KnownQuery,
    req: RequestWithBody,
    res: ServerResponse,
    context: GraphqlContext,
  ): Promise<void> => {
    const args = { schema, document, contextValue: context, variableValues: variables, operationName };
    const data = await answer(args, asked, context);
    const executed = data === undefined ? await graphqlJs.execute(args) : { data };
    // What errors mean for the status is for one place to know.
    if (executed.errors !== undefined) return handle(req, res, { ...context, executed });
    const text = JSON.stringify(finished(executed, context, onFault));
    if (Buffer.byteLength(text) > policy.http.maxAnswerBytes) {
      return handle(req, res, { ...context, executed: { errors: [wrapped(tooLarge(policy))] } });
    }
    res.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
    res.end(text);
  };

  return (req, res, next) => {
    if (req.url !== undefined && !/^\/?(\?.*)?$/.test(req.url)) {
      next();
      return;
    }
    if (req.headers.accept?.includes('text/html') === true) {
      res.setHeader('Content-Security-Policy', GRAPHIQL_POLICY);
    }
    const known = documents.find(req);
    const looked = known?.looks ?? looks();
    const context: GraphqlContext = {
      execute,
      ...(invoke === undefined ? {} : { invoke }),
      ...(write === undefined ? {} : { write }),
      ...(watch === undefined ? {} : { watch }),
      exchange: begun(req) ?? alone(req, res),
      ages: ages(),
      asked: { rows: 0 },
      looks: looked,
      roots: new Map(),
      changed: { asked: 0, fields: [] },
    };
    if (known === undefined) handle(req, res, context).catch(next);
    else answerKnown(known, req, res, context).catch(next);
  };
}

const GRAPHQL_JS: Answer = async () => undefined;

/** The context of a request that nobody has begun. Yoga's own signal is no AbortSignal to `AbortSignal.any`. */
function alone({ headers }: IncomingMessage, res: ServerResponse): Context {
  const leaving = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished)
      leaving.abort(new Fault('unavailable', 'The client left', { code: 'cancelled' }));
  });
  const given = headers['x-request-id'];
  return {
    requestId: typeof given === 'string' && given !== '' ? given : randomUUID(),
    signal: leaving.signal,
  };
}

/** Refusals before anything runs, and graphql-js as the executor. */
function strict(policy: Policy, documents: KnownDocuments): Plugin<object, ServerContext> {
  const { graphql } = policy;
  const maxVariableDepth = variableDepth(policy);
  const parse = boundedParse(graphql.maxTokens);
  const depthRule = maxDepthRule(graphql.maxDepth);
  const extentRule = maxExtentRule(graphql);
  return {
    onRequestParse({ request, requestParser, setRequestParser, serverContext }) {
      // A browser sends this media type across origins only after asking: forms of other sites cannot post here.
      const type = request.headers.get('content-type') ?? '';
      if (request.method === 'POST' && !/^application\/json\s*(;|$)/i.test(type))
        throw unsupportedMediaType();
      const { body } = serverContext.req;
      if (request.method === 'POST' && body !== undefined) {
        setRequestParser(() => parametersOf(body));
      } else if (requestParser !== undefined) {
        setRequestParser(async (incoming) => {
          try {
            return await requestParser(incoming);
          } catch (error) {
            throw error instanceof GraphQLError ? error : wrapped(badParameters('are not JSON'));
          }
        });
      }
    },
    onParams({ params, setParams, setResult, context: { executed } }) {
      if (executed !== undefined) setResult(executed);
      const variables: unknown = params.variables;
      // Anything but an object is refused by yoga itself.
      if (typeof variables !== 'object' || variables === null || Array.isArray(variables)) return;
      setParams({ ...params, variables: bareVariables(variables, maxVariableDepth) });
    },
    onParse({ setParseFn }) {
      setParseFn(parse);
    },
    onValidate({ addValidationRule }) {
      addValidationRule(depthRule);
      addValidationRule(extentRule);
    },
    onExecute({ args: { document, contextValue }, setExecuteFn }) {
      setExecuteFn(graphqlJs.execute);
      const { query } = contextValue.params;
      if (query !== undefined) documents.learn(query, document);
    },
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn(graphqlJs.subscribe);
    },
  };
}

function parametersOf(body: unknown): object {
  if (typeof body === 'object' && body !== null) return body;
  throw wrapped(badParameters('must be a JSON object'));
}

function badParameters(what: string): Fault {
  return new Fault('invalid', `The parameters of a GraphQL request ${what}`, { code: 'bad-json' });
}

function unsupportedMediaType(): GraphQLError {
  return wrapped(
    new Fault('invalid', 'A query is posted as application/json', {
      code: 'unsupported-media-type',
      parameter: 'Content-Type',
    }),
  );
}

/** Every answer passes here: errors are named or masked, and it says which request it was and how old its data is. */
function finishing(policy: Policy, onFault: GraphqlParts['onFault']): Plugin<object, ServerContext> {
  return {
    onResultProcess({ result, setResult, serverContext }) {
      if (Array.isArray(result)) return;
      setResult(
        Symbol.asyncIterator in result
          ? finishedEach(result, serverContext, onFault)
          : finished(bounded(result, policy), serverContext, onFault),
      );
    },
  };
}

/** An answer with more bytes than the policy allows is none. Where it cannot be that large it need not be written down to be counted. */
function bounded(result: ExecutionResult, policy: Policy): ExecutionResult {
  const { maxAnswerBytes } = policy.http;
  if (result.data == null || maxAnswerBytes > LONGEST_TEXT) return result;
  const bytes = Buffer.byteLength(JSON.stringify(result.data));
  return bytes > maxAnswerBytes ? { errors: [wrapped(tooLarge(policy))] } : result;
}

/** No text of JavaScript has more bytes in UTF-8 (V8: 2^29 characters of at most three bytes). */
const LONGEST_TEXT = 3 * 2 ** 29;

function tooLarge({ http }: Policy): Fault {
  return new Fault('too-costly', `The answer has more than ${http.maxAnswerBytes} bytes`, {
    code: 'answer-bytes',
    hint: 'Select fewer fields, or ask for several pages with "first".',
  });
}

/** The answers of a subscription, one after the other. */
async function* finishedEach(
  results: AsyncIterable<ExecutionResult>,
  context: GraphqlContext,
  onFault: GraphqlParts['onFault'],
): AsyncGenerator<ExecutionResult> {
  for await (const result of results) yield finished(result, context, onFault);
}

function finished(
  result: ExecutionResult,
  { exchange: { requestId, serial }, ages: seen, changed }: GraphqlContext,
  onFault: GraphqlParts['onFault'],
): ExecutionResult {
  const answered = result.data != null;
  const faults = new Set<Fault>();
  const errors = result.errors?.map((error) => {
    const fault = faultOf(error);
    faults.add(fault);
    return rendered(error, fault, requestId, answered);
  });
  for (const fault of faults) onFault(fault, requestId, serial);
  const sources = seen.list().map(({ cache, ...age }) => ({
    ...age,
    ...(cache === undefined ? {} : { cache: cache.use }),
  }));
  return {
    ...(errors === undefined ? {} : { errors }),
    ...('data' in result ? { data: result.data ?? null } : {}),
    extensions: {
      requestId,
      ...(sources.length === 0 ? {} : { sources }),
      ...(changed.fields.length === 0 ? {} : { changed: changed.fields }),
    },
  };
}
