// Knows: what is said about a WSDL that was saved: its files, what it offers, what was left out, and how a configuration begins.
// Must not know: where it came from, disks.

import { camelCase, type Remark } from '#spi';
import type { SavedCopy } from '../wsdl/saved-copy.ts';
import type { Port, Service, Wsdl, WsdlOperation } from '../wsdl/wsdl.ts';

/** `folder`: as the user wrote it. */
export function summaryOf(copy: SavedCopy, wsdl: Wsdl, folder: string): string {
  return [
    `Saved ${counted(copy.files.length, 'document')} in ${folder}`,
    ...columns(copy.files.map(({ file, source }) => [file, source])),
    ...wsdl.services.flatMap(serviceLines),
    ...remarkLines(wsdl.remarks),
    '',
    'A beginning for the configuration; an operation that only reads gets { effect: read }:',
    '',
    configurationOf(copy.main, wsdl, folder),
  ].join('\n');
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

function serviceLines({ name, ports }: Service): readonly string[] {
  if (ports.length === 0) return ['', `Service ${name}: no port that can be used`];
  return ports.flatMap((port) => [
    '',
    `Service ${name}, port ${port.name}: SOAP ${port.version}, ${port.address ?? 'no address'}`,
    ...columns(port.operations.map((operation) => [operationName(operation), natureOf(operation)])),
  ]);
}

/** `GetScore`, or `GetScore (GetScoreById)` where several have that name. */
function operationName({ name, inputName }: WsdlOperation): string {
  return inputName === undefined ? name : `${name} (${inputName})`;
}

/** `document/literal, one-way`. */
function natureOf({ style, input, output, faults }: WsdlOperation): string {
  const uses =
    output === undefined || output.use === input.use ? input.use : `${input.use} and ${output.use}`;
  const words = [`${style}/${uses}`];
  if (output === undefined) words.push('one-way');
  if (input.headers.length > 0) words.push(counted(input.headers.length, 'header'));
  if (faults.length > 0) words.push(counted(faults.length, 'fault'));
  return words.join(', ');
}

function remarkLines(remarks: readonly Remark[]): readonly string[] {
  if (remarks.length === 0) return [];
  return ['', counted(remarks.length, 'remark'), ...remarks.map(remarkLine)];
}

function remarkLine({ subject, message, place }: Remark): string {
  return `  ${place} ${subject}: ${message}`;
}

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

/** A source speaks to one port: that of the first service that has operations, SOAP 1.1 first, as it is chosen where nothing is said. */
function configurationOf(main: string, { services }: Wsdl, folder: string): string {
  const service = services.find(({ ports }) => ports.some(({ operations }) => operations.length > 0));
  const ports = service?.ports ?? [];
  const port = ports.find(({ version }) => version === '1.1') ?? ports[0];
  const source = camelCase(main.replace(/\.\w+$/, ''));
  return [
    'sources:',
    `  ${source}:`,
    '    adapter: soap',
    `    wsdl: ${yamlText(`${folder.replace(/\/+$/, '')}/${main}`)}`,
    ...(service !== undefined && services.length > 1 ? [`    service: ${yamlText(service.name)}`] : []),
    ...(port !== undefined && ports.length > 1 ? [`    port: ${yamlText(port.name)}`] : []),
    ...(port === undefined ? [] : ['    operations:', ...operationLines(port)]),
  ].join('\n');
}

function operationLines({ operations }: Port): readonly string[] {
  const byName = Map.groupBy(operations, ({ name }) => name);
  return [...byName].map(([name, [first, second]]) => {
    const line = `      ${yamlText(name)}: { effect: write }`;
    if (second !== undefined) return `${line}  # several have this name`;
    const sentence = firstSentence(first?.doc);
    return sentence === undefined ? line : `${line}  # ${sentence}`;
  });
}

const MOST_CHARS = 80;

function firstSentence(doc: string | undefined): string | undefined {
  const [sentence] = (doc ?? '').replace(/\s+/g, ' ').split(/(?<=[.!?])\s/);
  if (sentence === undefined || sentence === '') return undefined;
  return sentence.length <= MOST_CHARS ? sentence : `${sentence.slice(0, MOST_CHARS - 1)}…`;
}

/** Plain where YAML reads it as the same text, else quoted as JSON, which YAML understands. */
function yamlText(text: string): string {
  const plain =
    /^[A-Za-z_./][\w./-]*$/.test(text) && !/^(?:true|false|yes|no|on|off|null|y|n|\.{1,3})$/i.test(text);
  return plain ? text : JSON.stringify(text);
}
