import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { adapters } from '../../adapters/index.ts';
import { configJsonSchema } from '../../src/config/schema.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { generatedSchemas } from '../../tools/write-schemas.ts';

const root = join(import.meta.dirname, '..', '..');

type Node = { readonly [key: string]: unknown };

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function at(node: unknown, ...path: readonly string[]): Node {
  const found = path.reduce<unknown>((inner, step) => (isNode(inner) ? inner[step] : undefined), node);
  assert.ok(isNode(found), path.join('.'));
  return found;
}

describe('the JSON Schema of the configuration', () => {
  const loaded = Promise.all(Object.values(adapters).map((load) => load()));

  it('knows every adapter, told apart by its name', async () => {
    const schema = configJsonSchema(await loaded);
    const { oneOf } = at(schema, 'properties', 'sources', 'additionalProperties');
    assert.ok(Array.isArray(oneOf));
    assert.deepEqual(
      oneOf.map((source) => at(source, 'properties', 'adapter')['const']),
      Object.keys(adapters),
    );
  });

  it('shows every limit with its default and what it is', async () => {
    const schema = configJsonSchema(await loaded);
    for (const [group, limits] of Object.entries(DEFAULT_POLICY)) {
      for (const [name, standard] of Object.entries(limits)) {
        const limit = at(schema, 'properties', 'policy', 'properties', group, 'properties', name);
        assert.equal(limit['default'], standard, `${group}.${name}`);
        assert.ok(typeof limit['description'] === 'string' && limit['description'] !== '');
      }
    }
  });

  it('explains every key that a configuration may have', async () => {
    const silent: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (!isNode(node)) return;
      if (isNode(node['properties'])) {
        for (const [name, member] of Object.entries(node['properties'])) {
          const inner = `${path}.${name}`;
          if (!isNode(member) || typeof member['description'] !== 'string') silent.push(inner);
          visit(member, inner);
        }
      }
      for (const key of ['additionalProperties', 'items']) visit(node[key], `${path}[]`);
      for (const key of ['oneOf', 'anyOf', 'allOf']) {
        const choices = node[key];
        if (Array.isArray(choices)) for (const choice of choices) visit(choice, path);
      }
    };
    visit(configJsonSchema(await loaded), '');
    assert.deepEqual(silent, []);
  });
});

describe('what is generated under schemas/', () => {
  it('is what the code and the demo say today; "npm run generate" writes it anew', async () => {
    const generated = await generatedSchemas(root);
    assert.deepEqual([...generated.keys()], ['overpunch.schema.json', 'schema.graphql', 'openapi.json']);
    for (const [name, text] of generated) {
      // Not `equal`: it would print both files.
      assert.ok(readFileSync(join(root, 'schemas', name), 'utf8') === text, `schemas/${name} is out of date`);
    }
  });
});
