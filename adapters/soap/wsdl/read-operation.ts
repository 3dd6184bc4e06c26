// Knows: how an operation of a binding finds its operation of the port type, and what both say together (WSDL 1.1, sections 2.4, 2.5, 3.4).
// Must not know: services, addresses.

import { attributeOf, childrenOf } from '../xml/element.ts';
import { WSDL } from '../xml/namespaces.ts';
import { Unsupported } from '../xsd/components.ts';
import { documentationOf, type Located, partOf, partsOf, placeOf } from './definitions.ts';
import { type Binding, readFault, readMessage } from './read-message.ts';
import type { BoundFault, WsdlOperation } from './wsdl.ts';

/** `style`: of the binding. Throws `Unsupported` for an operation that has to be left out. */
export function readOperation(
  bound: Located,
  portType: Located,
  style: WsdlOperation['style'],
  binding: Binding,
): WsdlOperation {
  const name = attributeOf(bound.element, 'name') ?? '';
  const named = partsOf(portType, WSDL, 'operation').filter(
    ({ element }) => attributeOf(element, 'name') === name,
  );
  const abstract = counterpart(bound, named, name);
  const [input, output] = [partOf(abstract, WSDL, 'input'), partOf(abstract, WSDL, 'output')];
  if (input === undefined || comesFirst(abstract, output)) {
    const kind = input === undefined ? 'A notification' : 'A solicited response';
    throw new Unsupported(`${kind}, which the service begins, is not supported`, placeOf(abstract));
  }
  const soap = partOf(bound, binding.soap, 'operation');
  const doc = documentationOf(abstract) ?? documentationOf(bound);
  const order = attributeOf(abstract.element, 'parameterOrder');
  const boundOutput = partOf(bound, WSDL, 'output');
  return {
    name,
    ...(named.length > 1 ? { inputName: endName(abstract, 'input', name) } : {}),
    ...(doc === undefined ? {} : { doc }),
    style: styleOf(soap) ?? style,
    ...actionOf(soap),
    input: readMessage(input, partOf(bound, WSDL, 'input'), binding),
    ...(output === undefined ? {} : { output: readMessage(output, boundOutput, binding) }),
    faults: readFaults(abstract, bound, binding),
    ...(order === undefined ? {} : { parameterOrder: order.split(/\s+/).filter((part) => part !== '') }),
    place: placeOf(bound),
  };
}

/** Several operations with one name are told apart by the names of input and output. */
function counterpart(bound: Located, named: readonly Located[], name: string): Located {
  const [first, second] = named;
  if (first === undefined) {
    throw new Unsupported(`The port type has no operation "${name}"`, placeOf(bound));
  }
  if (second === undefined) return first;
  const fitting = named.filter((candidate) =>
    (['input', 'output'] as const).every((end) => {
      const own = partOf(bound, WSDL, end);
      const said = own === undefined ? undefined : attributeOf(own.element, 'name');
      return said === undefined || said === endName(candidate, end, name);
    }),
  );
  const [only, other] = fitting;
  if (only !== undefined && other === undefined) return only;
  throw new Unsupported(
    only === undefined
      ? `None of the operations "${name}" of the port type has an input of this name`
      : `Several operations are called "${name}", and the binding does not name the input of the one it means`,
    placeOf(bound),
  );
}

/** Section 2.4.5: what an input or output without a name is called. */
function endName(operation: Located, end: 'input' | 'output', name: string): string {
  const given = partOf(operation, WSDL, end);
  const said = given === undefined ? undefined : attributeOf(given.element, 'name');
  if (said !== undefined) return said;
  if (end === 'output') return `${name}Response`;
  return partOf(operation, WSDL, 'output') === undefined ? name : `${name}Request`;
}

function comesFirst({ element }: Located, output: Located | undefined): boolean {
  const ends = childrenOf(element).filter(({ uri, local }) => uri === WSDL && /^(?:in|out)put$/.test(local));
  return output !== undefined && ends[0] === output.element;
}

function styleOf(soap: Located | undefined): WsdlOperation['style'] | undefined {
  const style = soap === undefined ? undefined : attributeOf(soap.element, 'style');
  return style === 'rpc' || style === 'document' ? style : undefined;
}

/** Toolkits differ in what they call it with SOAP 1.2; the submission (section 4.3) keeps `soapAction`. */
function actionOf(soap: Located | undefined): Pick<WsdlOperation, 'action' | 'actionRequired'> {
  if (soap === undefined) return { action: '', actionRequired: true };
  const { element } = soap;
  const required = attributeOf(element, 'soapActionRequired');
  return {
    action: attributeOf(element, 'soapAction') ?? attributeOf(element, 'action') ?? '',
    actionRequired: required !== 'false' && required !== '0',
  };
}

/** A fault that cannot be read is only not typed: the operation works without it. */
function readFaults(abstract: Located, bound: Located, binding: Binding): readonly BoundFault[] {
  const detailed = partsOf(bound, WSDL, 'fault');
  return partsOf(abstract, WSDL, 'fault').flatMap((fault) => {
    const name = attributeOf(fault.element, 'name');
    const own = detailed.find(({ element }) => attributeOf(element, 'name') === name);
    try {
      return [readFault(fault, own, binding)];
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      const operation = attributeOf(abstract.element, 'name') ?? '';
      binding.remark({
        subject: operation,
        message: `Its fault "${name ?? ''}" has no typed detail: ${error.message}`,
        place: error.place,
      });
      return [];
    }
  });
}
