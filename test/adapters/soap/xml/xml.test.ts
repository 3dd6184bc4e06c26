import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '#spi';
import type { XmlElement } from '../../../../adapters/soap/xml/element.ts';
import { readFragment, readXml, xmlReader } from '../../../../adapters/soap/xml/read-xml.ts';
import {
  contentText,
  elementText,
  escapeAttribute,
  escapeText,
  unwritable,
} from '../../../../adapters/soap/xml/write-xml.ts';
import { type Random, random } from '../../../random.ts';

/** Without what a rewritten document may have otherwise: prefixes and lines. */
function bare({ uri, local, attributes, content }: XmlElement): unknown {
  return {
    uri,
    local,
    attributes: attributes.map((one) => ({ ...one })),
    content: content.map((part) => (typeof part === 'string' ? part : bare(part))),
  };
}

function randomXml(dice: Random, depth = 0): string {
  const prefix = dice.pick(['', 'p:', 'q:']);
  const name = `${prefix}${dice.pick(['a', 'b', 'ä'])}`;
  const declared =
    depth === 0
      ? ' xmlns:p="urn:p" xmlns:q="urn:q&amp;1"'
      : dice.pick(['', '', ' xmlns="urn:d"', ' xmlns=""', ' xmlns:p="urn:other"']);
  const attributes = dice.pick([
    '',
    ' k="1"',
    ' p:k="&lt;&quot;&#10;&#9; x"',
    ' xml:lang="de"',
    ' xsi:type="p:T"',
  ]);
  const inside = Array.from({ length: dice.int(depth > 3 ? 1 : 4) }, () =>
    dice.chance(0.5)
      ? dice.pick([
          'text',
          ' ',
          '&amp;',
          '&#13;\n',
          '<![CDATA[<x>]]>',
          ']]&gt;',
          '😀',
          '<!-- c -->',
          '<?pi x?>',
        ])
      : randomXml(dice, depth + 1),
  ).join('');
  return `<${name}${declared}${attributes}>${inside}</${name}>`;
}

describe('XML', () => {
  it('written again is the same document', () => {
    const dice = random(4);
    for (let i = 0; i < 500; i++) {
      const text = randomXml(dice);
      const root = readXml(text);
      const again = elementText(root);
      assert.deepEqual(bare(readXml(again)), bare(root), `${text}\n${again}`);
      const inside = readFragment(contentText(root));
      assert.deepEqual(bare({ ...root, content: inside }), bare(root), text);
    }
  });

  it('read in pieces is the same document', () => {
    const dice = random(9);
    for (let i = 0; i < 100; i++) {
      const text = randomXml(dice);
      const reader = xmlReader({ maxDepth: 100, maxAttributes: 100, maxElements: 1_000 });
      for (let at = 0; at < text.length; ) {
        const size = 1 + dice.int(5);
        reader.write(text.slice(at, at + size));
        at += size;
      }
      assert.deepEqual(bare(reader.close()), bare(readXml(text)));
    }
  });

  it('a prefix in a value keeps its meaning', () => {
    const text = elementText(readXml('<a xmlns:n1="urn:one" xmlns="urn:two" xsi:type="n1:T"/>'));
    const root = readXml(text);
    assert.equal(root.scope.get('n1'), 'urn:one');
    assert.equal(root.uri, 'urn:two');
  });

  it('names the place of what is wrong, and nothing of it', () => {
    assert.throws(
      () => readXml('<a>\n  <SECRET></a>'),
      (error) =>
        error instanceof Fault &&
        error.kind === 'upstream' &&
        /line 2, column/.test(error.message) &&
        !/SECRET/.test(error.message),
    );
  });

  it('what a client sends cannot leave its element', () => {
    for (const text of [
      '</fragment><fragment>',
      '</fragment>',
      '<fragment>',
      '<a',
      '<!DOCTYPE a>',
      '&x;',
      '\u0000',
      '<?xml version="1.0"?><a/>',
    ]) {
      assert.throws(
        () => readFragment(text),
        (error) => error instanceof Fault && error.kind === 'invalid',
        text,
      );
    }
  });

  it('what XML cannot hold is found: control characters, lone surrogates, U+FFFE', () => {
    for (const text of ['a\u0000', 'a\u0008', 'a\u000b', 'a\ud800', 'a\udc00', 'a\ufffe', 'a\uffff'])
      assert.equal(unwritable(text), 1, JSON.stringify(text));
    for (const text of ['', '\t\n\r', '😀', '\u0085', '\ue000']) assert.equal(unwritable(text), -1);
  });

  it('text and attributes come back as they went', () => {
    for (const text of ['<&>"\'', ']]>', 'a\r\nb\rc\n', '\t x ']) {
      const root = readXml(`<a k="${escapeAttribute(text)}">${escapeText(text)}</a>`);
      assert.deepEqual([root.attributes[0]?.value, root.content[0]], [text, text]);
    }
  });
});
