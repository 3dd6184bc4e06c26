// A stand-in for SQL Server: real sockets, TDS 7.4, a database in memory. What was asked of it is kept for the tests to look at.

import { createServer, type Server, type Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { declaredType } from './declared.ts';
import { type Engine, engineFor, type Outcome, type Parameter } from './engine.ts';
import { ENCRYPT, type Login, preloginAnswer, readLogin, wantedEncryption } from './login.ts';
import { KIND, type Message, messageReader, packet, type Response, responseTo } from './packets.ts';
import { type Rpc, readBatch, readRpc, readTransaction } from './requests.ts';
import { type Tunnel, tunnel } from './tls-in-packets.ts';
import * as token from './tokens.ts';
import { type Turns, turns } from './turns.ts';
import { Problem } from './values.ts';

/** A statement as it came. */
export interface Asked {
  readonly sql: string;
  readonly parameters: readonly { readonly name: string; readonly declared: string }[];
}

export interface Seen {
  readonly logins: Login[];
  readonly statements: Asked[];
  /** Statements that the client stopped. */
  attentions: number;
  readonly transactions: ('begin' | 'commit' | 'rollback')[];
  /** Most packets of one message. */
  packets: number;
  /** Rows sent. */
  rows: number;
}

export interface StandInOptions {
  /** By default any free one. */
  readonly port?: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Certificate and key; absent: it knows no encryption. */
  readonly tls?: SecureContextOptions;
}

export interface StandIn extends AsyncDisposable {
  readonly port: number;
  readonly seen: Seen;
  /** Runs T-SQL without a client. */
  run(sql: string): void;
  procedure: Engine['procedure'];
  scalar: Engine['scalar'];
  /** Cuts all connections. */
  cut(): void;
}

/** Rejects with the error of the socket where the port is taken. */
export async function standIn(options: StandInOptions): Promise<StandIn> {
  const engine = engineFor(options.database);
  const seen: Seen = { logins: [], statements: [], attentions: 0, transactions: [], packets: 0, rows: 0 };
  const waiting = turns();
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.setNoDelay(true);
    session(socket, options, engine, seen, waiting);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    seen,
    run(sql) {
      for (const outcome of engine.run(sql, [])) if (outcome.kind === 'rows') Array.from(outcome.rows);
    },
    procedure: engine.procedure,
    scalar: engine.scalar,
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      engine[Symbol.dispose]();
    },
  };
}

const STANDARD_PACKET = 4096;
/** Rows between two looks at the socket. */
const ROWS_AT_ONCE = 100;

function session(socket: Socket, options: StandInOptions, engine: Engine, seen: Seen, waiting: Turns): void {
  let secure: Tunnel | undefined;
  let shaking = false;
  let packetSize = STANDARD_PACKET;
  let stopped = new AbortController();
  let busy: Promise<void> = Promise.resolve();
  let transaction = 0;
  let idle = true;

  const send = (bytes: Buffer): boolean => (secure === undefined ? socket : secure.clear).write(bytes);
  const drained = (): Promise<void> =>
    new Promise((resolve) => {
      const channel = secure?.clear ?? socket;
      const free = (): void => {
        channel.off('drain', free);
        socket.off('close', free);
        resolve();
      };
      channel.once('drain', free);
      socket.once('close', free);
    });
  const answer = (...tokens: readonly Buffer[]): void => {
    const response = responseTo(send, drained, packetSize);
    response.write(Buffer.concat(tokens));
    response.end();
  };

  const prelogin = (data: Buffer): void => {
    const wanted = wantedEncryption(data);
    const encrypts = options.tls !== undefined && wanted !== ENCRYPT.notSupported;
    socket.write(packet(KIND.response, preloginAnswer(encrypts ? ENCRYPT.on : ENCRYPT.notSupported), true));
    if (!encrypts || options.tls === undefined) return;
    shaking = true;
    const made = tunnel((bytes) => socket.write(bytes), options.tls);
    secure = made;
    made.clear.on('data', read);
    void made.shaken.then(() => {
      shaking = false;
    });
  };

  const login = (data: Buffer): void => {
    const asked = readLogin(data, secure !== undefined);
    seen.logins.push(asked);
    if (asked.user !== options.user || asked.password !== options.password) {
      answer(
        token.error(18456, `Login failed for user '${asked.user}'.`, 14),
        token.done('done', token.DONE.error),
      );
      socket.end();
      return;
    }
    if (asked.database !== '' && asked.database !== options.database) {
      const problem = token.error(4060, `Cannot open database "${asked.database}".`, 11);
      answer(problem, token.done('done', token.DONE.error));
      socket.end();
      return;
    }
    const size = asked.packetSize >= 512 && asked.packetSize <= 32767 ? asked.packetSize : STANDARD_PACKET;
    answer(
      token.databaseChange(options.database),
      token.info(5701, 'Changed database context.'),
      token.collationChange(),
      token.loginAck(),
      token.packetSizeChange(size),
      token.done('done', token.DONE.last),
    );
    packetSize = size;
  };

  /** What a batch or procedure gives; true where the client stopped it. */
  const put = async (
    response: Response,
    outcomes: Iterable<Outcome>,
    kind: 'done' | 'doneInProc',
    last: boolean,
  ) => {
    const { signal } = stopped;
    let owed: ((more: boolean) => void) | undefined;
    for (const outcome of outcomes) {
      owed?.(true);
      if (signal.aborted) return;
      let rows: number | undefined;
      if (outcome.kind === 'wait') await waited(outcome.seconds, signal);
      else if (outcome.kind === 'changed') rows = outcome.rows;
      else if (outcome.kind === 'rows') {
        rows = 0;
        response.write(token.columns(outcome.columns));
        for (const row of outcome.rows) {
          response.write(token.row(row, outcome.columns));
          seen.rows++;
          if (++rows % ROWS_AT_ONCE !== 0) continue;
          await response.ready();
          // An attention can only be seen between two turns.
          await new Promise((resolve) => setImmediate(resolve));
          if (signal.aborted || socket.destroyed) return;
        }
      }
      if (signal.aborted) return;
      owed = (more) => {
        const status = (more ? token.DONE.more : 0) | (rows === undefined ? 0 : token.DONE.count);
        response.write(token.done(kind, status, rows ?? 0));
      };
    }
    if (owed === undefined && last) response.write(token.done(kind, token.DONE.last));
    owed?.(!last);
  };

  const respond = async (work: (response: Response) => Promise<void>): Promise<void> => {
    stopped = new AbortController();
    const response = responseTo(send, drained, packetSize);
    try {
      await waiting.free(socket, stopped.signal);
      if (!stopped.signal.aborted) await work(response);
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem(50_000, String(error));
      response.write(token.error(problem.number, problem.message));
      response.write(token.done('done', token.DONE.error));
    }
    // What was stopped ends, and the attention that stopped it is acknowledged by a message of its own.
    if (stopped.signal.aborted) response.write(token.done('done', token.DONE.error));
    response.end();
    if (stopped.signal.aborted) answer(token.done('done', token.DONE.attention));
  };

  const call = async (rpc: Rpc, response: Response): Promise<void> => {
    if (rpc.procedure.toLowerCase() !== 'sp_executesql') {
      throw new Problem(2812, `Could not find stored procedure '${rpc.procedure}'.`);
    }
    const [text, , ...own] = rpc.parameters;
    const parameters: readonly Parameter[] = own;
    const sql = String(text?.value);
    seen.statements.push({ sql, parameters: parameters.map(({ name, declared }) => ({ name, declared })) });
    await put(response, engine.run(sql, parameters), 'doneInProc', false);
    response.write(token.returnStatus(0));
    for (const [i, { name, output, value, declared }] of own.entries()) {
      if (output) response.write(token.returnValue(i, name, value, declaredType(declared)));
    }
    response.write(token.done('doneProc', token.DONE.last));
  };

  const take = (message: Message): void => {
    const { kind, data } = message;
    seen.packets = Math.max(seen.packets, message.packets);
    if (kind === KIND.attention) {
      seen.attentions++;
      if (idle) answer(token.done('done', token.DONE.attention));
      else stopped.abort();
      return;
    }
    busy = busy.then(async () => {
      idle = false;
      try {
        await handle(message, kind, data);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        socket.destroy(error);
      } finally {
        idle = true;
      }
    });
  };

  const handle = async ({ ignored }: Message, kind: number, data: Buffer): Promise<void> => {
    if (ignored) answer(token.done('done', token.DONE.error));
    else if (kind === KIND.prelogin) prelogin(data);
    else if (kind === KIND.login) login(data);
    else if (kind === KIND.batch) {
      const sql = readBatch(data);
      seen.statements.push({ sql, parameters: [] });
      await respond((response) => put(response, engine.run(sql, []), 'done', true));
    } else if (kind === KIND.rpc) await respond((response) => call(readRpc(data), response));
    else if (kind === KIND.transaction) {
      const what = readTransaction(data);
      seen.transactions.push(what);
      stopped = new AbortController();
      if (what === 'begin') {
        await waiting.begin(socket, stopped.signal);
        transaction++;
      }
      if (waiting.isIn(socket)) engine.transaction(what);
      if (what !== 'begin') waiting.end(socket);
      const descriptor = Buffer.alloc(8);
      descriptor.writeUInt32LE(transaction);
      answer(token.transactionChange(what, descriptor), token.done('done', token.DONE.last));
    }
  };

  const read = messageReader(take);
  const inHandshake = messageReader(({ data }) => secure?.feed(data));
  socket.on('data', (chunk: Buffer) => {
    if (secure === undefined) read(chunk);
    else if (shaking) inHandshake(chunk);
    else secure.feed(chunk);
  });
  socket.on('close', () => {
    stopped.abort();
    if (!waiting.isIn(socket)) return;
    engine.transaction('rollback');
    waiting.end(socket);
  });
}

function waited(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
