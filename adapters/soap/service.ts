// Knows: how a WSDL and the options of a source become its operations, and what is said of those that cannot be shown.
// Must not know: files, sockets, collections.

import { didYouMean, Fault, type Operation, type Remark, type Value } from '#spi';
import { type Callable, callable, type Reading } from './contract/call.ts';
import type { OperationShape } from './contract/operation.ts';
import { inputFields, outputType } from './contract/operation.ts';
import { operationShapes } from './contract/operations.ts';
import type { Chosen } from './contract/port.ts';
import type { Exchange } from './exchange/message.ts';
import type { OperationOptions, SoapOptions } from './options.ts';
import { encode } from './shape/encode.ts';
import { prefixes } from './shape/encoding.ts';
import { type Shapes, shapesOf } from './shape/shapes.ts';
import { simpleShapes } from './shape/simple-shapes.ts';
import { readingOf } from './times.ts';
import type { Wsdl, WsdlOperation } from './wsdl/wsdl.ts';
import { schemaSet } from './xsd/schema-set.ts';
import { timeHint } from './xsd/times.ts';

export interface ServiceParts {
  readonly wsdl: Wsdl;
  readonly chosen: Chosen;
  readonly options: SoapOptions;
  readonly endpoint: string;
  /** Values of header blocks by element name, secrets read. */
  readonly headers: Readonly<Record<string, Value>>;
  readonly exchange: Exchange;
  /** Longest time that a reply may hold the event loop, in milliseconds. */
  readonly sliceMs: number;
}

export interface ServiceOperation extends Callable {
  /** Not in the API; collections may use it. */
  readonly hidden: boolean;
}

export interface Service {
  readonly operations: readonly ServiceOperation[];
  readonly remarks: readonly Remark[];
}

/** Throws a misconfigured Fault for an operation or header that the options name and the WSDL does not have. */
export function serviceOf(parts: ServiceParts): Service {
  const { wsdl, chosen, options, endpoint, headers, exchange, sliceMs } = parts;
  const remarks: Remark[] = [...wsdl.remarks];
  const remark = (one: Remark): void => {
    remarks.push(one);
  };
  const readingAt = readingOf(options.times);
  const set = schemaSet(wsdl.schemas);
  const typeName = (wanted: string): string => shapes.typeName(wanted);
  const shapes: Shapes = shapesOf(set, simpleShapes(readingAt, typeName), remark);
  const all = operationShapes(chosen.port, set, shapes, remark);
  checkNames(options, headers, chosen, all);
  const reading: Reading = {
    names: options.replies.names,
    unknown: options.replies.unknown,
    maxElements: options.limits.maxElements,
    sliceMs,
    hint: ({ xsdName }, text) =>
      xsdName === undefined ? undefined : timeHint(xsdName.local, text, readingAt(undefined)),
  };
  const operations = all.map(([name, of, source]): ServiceOperation => {
    const own = options.operations[of.legacyName];
    const given = headerValues(of, headers);
    checkHeaders(of, given);
    const operation = modelOf(own?.name ?? name, of, source, own, given, shapes);
    return {
      hidden: own?.hidden ?? (options.expose === 'listed' && own === undefined),
      ...callable({
        of,
        operation,
        endpoint,
        action: own?.action ?? of.action,
        headers: given,
        mtom: options.mtom,
        rules: [...(own?.faults ?? []), ...options.faults],
        reading,
        exchange,
      }),
    };
  });
  return { operations, remarks };
}

function modelOf(
  name: string,
  of: OperationShape,
  source: WsdlOperation,
  own: OperationOptions | undefined,
  given: Readonly<Record<string, Value>>,
  shapes: Shapes,
): Operation {
  const effect = own?.effect ?? 'write';
  const doc = own?.doc ?? source.doc;
  return {
    name,
    legacyName: of.legacyName,
    ...(doc === undefined ? {} : { doc }),
    effect,
    idempotent: own?.idempotent ?? effect === 'read',
    input: inputFields(of, given),
    output: outputType(of, () => shapes.typeName(`${of.legacyName} Answer`)),
  };
}

/** Values by the fields of this operation's header blocks. */
function headerValues(
  { inputHeaders }: OperationShape,
  headers: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    inputHeaders.flatMap(({ field, name }) => {
      const value = Object.hasOwn(headers, name.local) ? headers[name.local] : undefined;
      return value === undefined ? [] : [[field, value]];
    }),
  );
}

/** A value that its header block cannot hold would fail every call: it is told at the start. Nothing of the value is repeated. */
function checkHeaders(of: OperationShape, given: Readonly<Record<string, Value>>): void {
  for (const { field, name, shape } of of.inputHeaders) {
    const value = given[field];
    if (value === undefined) continue;
    try {
      encode(name, shape, value, name.local, {
        version: of.version,
        encoded: false,
        qname: prefixes().qname,
      });
    } catch (error) {
      if (error instanceof Fault) throw misconfigured(`headers: ${error.message}`);
      throw error;
    }
  }
}

function checkNames(
  { operations }: SoapOptions,
  headers: Readonly<Record<string, Value>>,
  { port }: Chosen,
  all: readonly (readonly [string, OperationShape, WsdlOperation])[],
): void {
  const names = port.operations.map(({ name }) => name);
  for (const name of Object.keys(operations)) {
    if (!names.includes(name)) {
      throw misconfigured(`The port "${port.name}" has no operation "${name}".${didYouMean(name, names)}`);
    }
  }
  const declared = all.flatMap(([, { inputHeaders }]) => inputHeaders.map(({ name }) => name.local));
  for (const name of Object.keys(headers)) {
    if (!declared.includes(name)) {
      throw misconfigured(`No operation declares a header "${name}".${didYouMean(name, declared)}`);
    }
  }
}

function misconfigured(message: string): Fault {
  return new Fault('invalid', message, { code: 'unknown-operation', misconfigured: true });
}
