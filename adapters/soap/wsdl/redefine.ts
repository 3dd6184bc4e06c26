// Knows: how `xs:redefine` is taken apart (XML Schema 1.0, part 1, section 4.2.2): the old component gets a name that nobody can write,
// and the new one, which is built on it, stands where all can see it.
// Must not know: documents, what a component means.

import { attributeOf, childrenOf, resolveName, type XmlElement } from '../xml/element.ts';
import { XSD } from '../xml/namespaces.ts';

/** `type Address`: kind and local name of a component that is redefined. */
export type Redefined = ReadonlySet<string>;

const KINDS: Readonly<Record<string, string>> = {
  simpleType: 'type',
  complexType: 'type',
  group: 'group',
  attributeGroup: 'attributeGroup',
};

/** No XML name holds a `#`. */
const MARK = '#redefined';

export function redefinedIn(redefine: XmlElement): Redefined {
  return new Set(childrenOf(redefine).flatMap((child) => keyOf(child) ?? []));
}

function keyOf(element: XmlElement): string | undefined {
  const kind = element.uri === XSD && Object.hasOwn(KINDS, element.local) ? KINDS[element.local] : undefined;
  const name = attributeOf(element, 'name');
  return kind === undefined || name === undefined ? undefined : `${kind} ${name}`;
}

/** The schema with its old components out of the way; a schema without any of them is itself. */
export function withoutRedefined(schema: XmlElement, redefined: Redefined): XmlElement {
  if (!childrenOf(schema).some((child) => redefined.has(keyOf(child) ?? ''))) return schema;
  return {
    ...schema,
    content: schema.content.map((part) =>
      typeof part !== 'string' && redefined.has(keyOf(part) ?? '')
        ? withAttribute(part, 'name', `${attributeOf(part, 'name') ?? ''}${MARK}`)
        : part,
    ),
  };
}

/** The schema with the new components of its `xs:redefine`s at its top. */
export function withRedefinitions(schema: XmlElement, targetNamespace: string): XmlElement {
  if (!childrenOf(schema).some(isRedefine)) return schema;
  const chameleon = attributeOf(schema, 'targetNamespace') === undefined;
  const isOwn = (uri: string): boolean => uri === targetNamespace || (chameleon && uri === '');
  return {
    ...schema,
    content: schema.content.flatMap((part) => {
      if (typeof part === 'string' || !isRedefine(part)) return [part];
      return childrenOf(part).flatMap((child) => {
        const name = attributeOf(child, 'name');
        return keyOf(child) === undefined || name === undefined ? [] : [builtOnOld(child, name, isOwn)];
      });
    }),
  };
}

function isRedefine({ uri, local }: XmlElement): boolean {
  return uri === XSD && local === 'redefine';
}

/** Where the component names itself it means the old one: as `base` of a type, as `ref` of a group. */
function builtOnOld(element: XmlElement, name: string, isOwn: (uri: string) => boolean): XmlElement {
  const attribute = /^(?:extension|restriction)$/.test(element.local)
    ? 'base'
    : /^(?:g|attributeG)roup$/.test(element.local)
      ? 'ref'
      : undefined;
  const qname = attribute === undefined ? undefined : attributeOf(element, attribute)?.trim();
  const meant = qname === undefined ? undefined : resolveName(qname, element.scope);
  const content = element.content.map((part) =>
    typeof part === 'string' ? part : builtOnOld(part, name, isOwn),
  );
  const built = { ...element, content };
  return attribute !== undefined && meant?.local === name && isOwn(meant.uri)
    ? withAttribute(built, attribute, `${qname ?? ''}${MARK}`)
    : built;
}

function withAttribute(element: XmlElement, local: string, value: string): XmlElement {
  return {
    ...element,
    attributes: element.attributes.map((attribute) =>
      attribute.uri === '' && attribute.local === local ? { ...attribute, value } : attribute,
    ),
  };
}
