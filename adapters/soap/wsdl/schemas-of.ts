// Knows: which schema elements a set of documents has, and the target namespace that counts for each (XML Schema 1.0, part 1, section 4.2).
// Must not know: what is declared in them.

import type { Remark } from '#spi';
import { attributeOf, childrenOf, type XmlElement } from '../xml/element.ts';
import { WSDL, XSD } from '../xml/namespaces.ts';
import { type DocumentSet, documentsOf, placeIn, type SourceDocument } from './documents.ts';
import { type Redefined, redefinedIn, withoutRedefined, withRedefinitions } from './redefine.ts';
import { embeddedSchemas, isNamed, schemaReferences } from './references.ts';
import type { WsdlSchema } from './wsdl.ts';

/**
 * Embedded schemas, and what they import and include. A document without a target namespace takes that of who includes it ("chameleon",
 * section 4.2.1), and is there once for each.
 */
export function schemasOf(set: DocumentSet, remark: (remark: Remark) => void): readonly WsdlSchema[] {
  const found = new Map<XmlElement, Set<string>>();
  const schemas: WsdlSchema[] = [];

  const visit = (
    root: XmlElement,
    document: SourceDocument,
    targetNamespace: string,
    redefined: Redefined = new Set(),
  ): void => {
    const known = found.get(root) ?? new Set<string>();
    const key = [targetNamespace, ...redefined].join(' ');
    if (known.has(key)) return;
    found.set(root, known.add(key));
    const own = withoutRedefined(withRedefinitions(root, targetNamespace), redefined);
    schemas.push({ root: own, targetNamespace, shown: document.shown, document });
    for (const { reference, element } of schemaReferences(root, document.url)) {
      const target = set.byUrl.get(reference.url);
      if (target === undefined || !isNamed(target.root, XSD, 'schema')) continue;
      const declared = attributeOf(target.root, 'targetNamespace');
      const imported = reference.kind === 'xsd-import';
      const expected = imported ? (attributeOf(element, 'namespace') ?? '') : targetNamespace;
      if ((declared ?? (imported ? '' : expected)) !== expected) {
        remark({
          subject: target.shown,
          message: `It declares ${named(declared ?? '')}, and is asked for ${named(expected)}; its own counts`,
          place: placeIn(document, element),
        });
      }
      // Only an include lends its namespace; an import of a document without one means names in no namespace.
      if (imported) visit(target.root, target, declared ?? '');
      else {
        // What is redefined may be declared in a document that the redefined one includes.
        const inherited = declared === undefined || declared === targetNamespace ? redefined : [];
        const more = reference.kind === 'xsd-redefine' ? redefinedIn(element) : [];
        visit(target.root, target, declared ?? targetNamespace, new Set([...inherited, ...more]));
      }
    }
  };

  for (const document of documentsOf(set)) {
    if (isNamed(document.root, WSDL, 'definitions')) {
      const types = childrenOf(document.root).filter((child) => isNamed(child, WSDL, 'types'));
      for (const schema of types.flatMap(embeddedSchemas)) {
        visit(schema, document, attributeOf(schema, 'targetNamespace') ?? '');
      }
    }
    for (const reference of document.references) {
      const target = set.byUrl.get(reference.url);
      if (reference.kind !== 'wsdl-import' || target === undefined || !isNamed(target.root, XSD, 'schema'))
        continue;
      visit(target.root, target, attributeOf(target.root, 'targetNamespace') ?? '');
    }
  }
  return schemas;
}

function named(namespace: string): string {
  return namespace === '' ? 'no namespace' : `the namespace ${namespace}`;
}
