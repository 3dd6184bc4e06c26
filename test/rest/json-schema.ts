// A JSON Schema validator of the keywords that the OpenAPI document uses; any other keyword is an error of the test.

import assert from 'node:assert/strict';

type Node = Readonly<Record<string, unknown>>;

/** Keywords that check nothing: formats are the scalars' own business, and what is not described is refused anyway. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  'additionalProperties',
  'description',
  'examples',
  'format',
  'discriminator',
  'contentEncoding',
  'readOnly',
]);

/** What is wrong with the value, each line with its place; empty: nothing. `document` is where references lead. */
export function violations(document: unknown, schema: unknown, value: unknown, at = ''): readonly string[] {
  assert.ok(isNode(schema), `${at}: no schema`);
  return Object.entries(schema).flatMap(([keyword, rule]): readonly string[] => {
    if (ANNOTATIONS.has(keyword)) return [];
    const inside = (one: unknown) => violations(document, one, value, at);
    const wrong = (fails: boolean): readonly string[] =>
      fails ? [`${at}: ${keyword} ${JSON.stringify(rule)}: ${JSON.stringify(value)}`] : [];
    switch (keyword) {
      case '$ref':
        return violations(document, target(document, String(rule)), value, at);
      case 'type':
        return wrong(![rule].flat().some((type) => isOf(type, value)));
      case 'const':
        return wrong(value !== rule);
      case 'enum':
        return wrong(!list(rule).includes(value));
      case 'oneOf':
        return wrong(list(rule).filter((one) => inside(one).length === 0).length !== 1);
      case 'anyOf':
        return wrong(!list(rule).some((one) => inside(one).length === 0));
      case 'required':
        return isNode(value) ? wrong(list(rule).some((name) => !Object.hasOwn(value, String(name)))) : [];
      case 'properties': {
        assert.ok(isNode(rule));
        if (!isNode(value)) return [];
        // The gateway answers nothing that it has not described.
        return Object.entries(value).flatMap(([name, inner]) =>
          Object.hasOwn(rule, name)
            ? violations(document, rule[name], inner, `${at}/${name}`)
            : [`${at}/${name}: not described`],
        );
      }
      case 'minProperties':
        return wrong(isNode(value) && Object.keys(value).length < Number(rule));
      case 'items':
        return Array.isArray(value)
          ? value.flatMap((one, i) => violations(document, rule, one, `${at}/${i}`))
          : [];
      case 'minItems':
        return wrong(Array.isArray(value) && value.length < Number(rule));
      case 'maxItems':
        return wrong(Array.isArray(value) && value.length > Number(rule));
      case 'pattern':
        return wrong(typeof value === 'string' && !new RegExp(String(rule), 'u').test(value));
      case 'maxLength':
        return wrong(typeof value === 'string' && [...value].length > Number(rule));
      case 'minimum':
        return wrong(typeof value === 'number' && value < Number(rule));
      case 'maximum':
        return wrong(typeof value === 'number' && value > Number(rule));
      default:
        throw new assert.AssertionError({ message: `${at}: the keyword ${keyword} is not known here` });
    }
  });
}

function target(document: unknown, reference: string): unknown {
  assert.match(reference, /^#\//);
  return reference
    .slice(2)
    .split('/')
    .reduce((inner: unknown, step) => (isNode(inner) ? inner[step] : undefined), document);
}

function isOf(type: unknown, value: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isNode(value);
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
