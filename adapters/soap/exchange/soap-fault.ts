// Knows: SOAP Faults: how they are read, and which Fault of ours each is.
// Must not know: HTTP, how a detail is decoded.

import { Fault, type FaultKind, type SourceFault } from '#spi';
import { childrenOf, textOf, type XmlElement } from '../xml/element.ts';
import { ENVELOPE11, ENVELOPE12 } from '../xml/namespaces.ts';
import type { SoapFaultContent } from './message.ts';
import type { FaultRule } from './options.ts';

export function isFault({ uri, local }: XmlElement): boolean {
  return local === 'Fault' && (uri === ENVELOPE11 || uri === ENVELOPE12);
}

/** The children of a 1.1 fault are in no namespace; some servers put them into the envelope's, so the local name counts. */
export function readSoapFault(element: XmlElement): SoapFaultContent {
  const code = child(element, 'faultcode');
  if (element.uri === ENVELOPE11 || code !== undefined) {
    const reason = reasonOf(child(element, 'faultstring'));
    return {
      code: localName(code === undefined ? '' : textOf(code)),
      ...(reason === undefined ? {} : { reason }),
      detail: childrenOf(child(element, 'detail') ?? NOTHING),
    };
  }
  const outer = child(element, 'Code');
  const subcode = innermost(outer === undefined ? undefined : child(outer, 'Subcode'));
  const reason = reasonOf(child(child(element, 'Reason') ?? NOTHING, 'Text'));
  return {
    code: localName(textOf(child(outer ?? NOTHING, 'Value') ?? NOTHING)),
    ...(subcode === undefined ? {} : { subcode }),
    ...(reason === undefined ? {} : { reason }),
    detail: childrenOf(child(element, 'Detail') ?? NOTHING),
  };
}

const NOTHING: XmlElement = { uri: '', local: '', attributes: [], content: [], scope: new Map(), line: 0 };

function child(element: XmlElement, local: string): XmlElement | undefined {
  return childrenOf(element).find((candidate) => candidate.local === local);
}

function innermost(subcode: XmlElement | undefined): string | undefined {
  if (subcode === undefined) return undefined;
  const value = child(subcode, 'Value');
  return innermost(child(subcode, 'Subcode')) ?? (value === undefined ? undefined : localName(textOf(value)));
}

function localName(qname: string): string {
  return clean(qname.trim().replace(/^[^:]*:/, ''), 200);
}

/** A reason may be a stack trace of the service: so much of it is told. */
const REASON_CHARACTERS = 500;

function reasonOf(element: XmlElement | undefined): string | undefined {
  const text = element === undefined ? '' : clean(textOf(element).trim(), REASON_CHARACTERS);
  return text === '' ? undefined : text;
}

function clean(text: string, most: number): string {
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
  return plain.length > most ? `${plain.slice(0, most)}…` : plain;
}

/**
 * The Fault of a SOAP Fault, or null where a rule says that it means nothing is there. `detail`: what could be decoded of the detail. By
 * default a fault of the sender is `rejected`: the service understood and refused; any other is `upstream`.
 */
export function faultOf(
  content: SoapFaultContent,
  rules: readonly FaultRule[],
  detail: Readonly<Record<string, unknown>> | undefined,
): Fault | null {
  const rule = rules.find((candidate) => matches(candidate, content));
  if (rule?.as === 'null') return null;
  const kind: FaultKind = rule?.as ?? (isSenders(content.code) ? 'rejected' : 'upstream');
  const { code, subcode, reason } = content;
  const sourceFault: SourceFault = {
    code,
    ...(subcode === undefined ? {} : { subcode }),
    ...(reason === undefined ? {} : { reason }),
    ...(detail === undefined ? {} : { detail }),
  };
  return new Fault(kind, MESSAGES[kind] ?? 'The service answered with a fault', {
    code: 'soap-fault',
    sourceFault,
  });
}

const MESSAGES: Readonly<Partial<Record<FaultKind, string>>> = {
  rejected: 'The service refused the request',
  'not-found': 'The service has no such thing',
  conflict: 'The service refused the request: it collides with what is there',
  invalid: 'The service found the request not valid',
};

function isSenders(code: string): boolean {
  return /^(?:Client|Sender)(?:\.|$)/.test(code);
}

/** Every part of a rule must fit. Codes of SOAP 1.1 are dotted: a rule for `Client` also fits `Client.NotFound` (section 4.4.1). */
function matches(rule: FaultRule, { code, subcode, detail }: SoapFaultContent): boolean {
  return (
    (rule.code === undefined || code === rule.code || code.startsWith(`${rule.code}.`)) &&
    (rule.subcode === undefined || subcode === rule.subcode) &&
    (rule.detail === undefined || detail.some(({ local }) => local === rule.detail))
  );
}
