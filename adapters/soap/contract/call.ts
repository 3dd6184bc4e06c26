// Knows: how an operation is called: arguments to message, message to answer, fault to Fault.
// Must not know: HTTP, collections, the configuration's text.

import { type CallHow, type Cell, Fault, type Operation, toJson, traceOf, type Value } from '#spi';
import { breather } from '../exchange/breathe.ts';
import type { Exchange, SoapReply } from '../exchange/message.ts';
import type { FaultRule } from '../exchange/options.ts';
import { faultOf } from '../exchange/soap-fault.ts';
import { decode } from '../shape/decode.ts';
import { type Decoding, fits } from '../shape/decoding.ts';
import { finishLists, type LaterList } from '../shape/later.ts';
import type { SimpleShape } from '../shape/shape.ts';
import type { XmlElement } from '../xml/element.ts';
import { answer, elementsById, type HeaderValues, type OperationShape, request } from './operation.ts';

/** An operation that can be called: its model, and the call. */
export interface Callable {
  readonly operation: Operation;
  /** Null also where a fault is mapped to null. Rejects with a Fault. */
  call(input: Readonly<Record<string, Value>>, how: CallHow): Promise<Cell>;
}

/** How replies are read, as the configuration says. */
export interface Reading {
  readonly names: Decoding['names'];
  readonly unknown: Decoding['unknown'];
  readonly maxElements: number;
  /** Longest time that decoding may hold the event loop, in milliseconds. */
  readonly sliceMs: number;
  hint(shape: SimpleShape, text: string): string | undefined;
}

export interface Calling {
  readonly of: OperationShape;
  readonly operation: Operation;
  readonly endpoint: string;
  readonly action: string;
  readonly headers: HeaderValues;
  /** Bytes are sent as parts of their own. */
  readonly mtom: boolean;
  readonly rules: readonly FaultRule[];
  readonly reading: Reading;
  readonly exchange: Exchange;
}

export function callable(calling: Calling): Callable {
  return { operation: calling.operation, call: (input, how) => call(calling, input, how) };
}

async function call(calling: Calling, input: Readonly<Record<string, Value>>, how: CallHow): Promise<Cell> {
  const { of, endpoint, action, headers, mtom, exchange, operation } = calling;
  const parts: Uint8Array[] = [];
  const attach = (bytes: Uint8Array): string => contentId(parts.push(bytes));
  const message = request(of, input, headers, mtom ? attach : undefined);
  const reply = await exchange({
    operation: of.legacyName,
    version: of.version,
    endpoint,
    action,
    ...message,
    ...(of.encodingStyle === undefined ? {} : { encodingStyle: of.encodingStyle }),
    ...(parts.length === 0
      ? {}
      : {
          attachments: parts.map((bytes, i) => ({
            contentId: contentId(i + 1),
            mediaType: 'application/octet-stream',
            bytes,
          })),
        }),
    idempotent: operation.idempotent,
    oneWay: of.oneWay,
    signal: how.signal,
    ...traceOf(how),
  });
  const decoding = decodingOf(calling, reply);
  if (reply.kind === 'answer') {
    const later: LaterList[] = [];
    // While references are followed, it counts from where: then nothing is left for later.
    const reading = decoding.byId === undefined ? { ...decoding, later } : decoding;
    const cell = answer(of, reply.body, reply.headers, reading);
    await finishLists(later, breather(calling.reading.sliceMs), how.signal);
    return cell;
  }
  const fault = faultOf(reply.fault, calling.rules, detailOf(of, reply.fault.detail, decoding));
  if (fault === null) return null;
  throw fault.at({ operation: operation.name });
}

function contentId(n: number): string {
  return `part${n}@overpunch`;
}

function decodingOf({ of, reading }: Calling, reply: SoapReply): Decoding {
  const { names, unknown, maxElements, hint } = reading;
  const encoded = of.encodedOutput && reply.kind === 'answer';
  return {
    names,
    unknown,
    hint,
    attachments: reply.attachments,
    budget: { elements: maxElements },
    following: new Set(),
    ...(encoded ? { byId: elementsById(reply.body) } : {}),
  };
}

/** What the WSDL declares of a fault's detail, as JSON; anything else in it may be a stack trace and is not shown. */
function detailOf(
  { faults }: OperationShape,
  detail: readonly XmlElement[],
  how: Decoding,
): Readonly<Record<string, unknown>> | undefined {
  const known = detail.flatMap((element): (readonly [string, unknown])[] => {
    const declared = faults.find(({ name }) => fits(name, element, how.names));
    if (declared === undefined) return [];
    try {
      return [
        [declared.field, toJson(declared.shape.type, decode(declared.shape, element, declared.field, how))],
      ];
    } catch (error) {
      // The fault itself counts, not how well its detail is written.
      if (error instanceof Fault) return [];
      throw error;
    }
  });
  return known.length === 0 ? undefined : Object.fromEntries(known);
}
