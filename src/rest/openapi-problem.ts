// Knows: the JSON Schema of a problem document.
// Must not know: which faults there are beyond their kinds.

import { FAULTS } from '../fault.ts';
import type { Schema } from './openapi-schema.ts';

/** Name of its schema. No row type has it: those have letters and digits only. */
export const PROBLEM = 'http.Problem';

export function problemSchema(): Schema {
  const text = { type: 'string' };
  const whole = { type: 'integer', minimum: 0 };
  const place = {
    source: text,
    collection: text,
    operation: text,
    file: text,
    record: whole,
    field: text,
    byteOffset: whole,
    hex: text,
    parameter: text,
    position: whole,
    hint: text,
  };
  return {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId'],
    properties: {
      type: {
        type: 'string',
        format: 'uri',
        examples: Object.keys(FAULTS).map((kind) => `urn:overpunch:problem:${kind}`),
      },
      title: text,
      status: { type: 'integer', minimum: 400, maximum: 599 },
      detail: text,
      instance: { type: 'string', format: 'uri-reference' },
      code: { type: 'string', description: 'A stable word, finer than the type' },
      requestId: text,
      ...place,
      sourceFault: {
        type: 'object',
        description: 'What the source itself says of its refusal',
        required: ['code'],
        properties: { code: text, subcode: text, reason: text, detail: { type: 'object' } },
      },
      errors: {
        type: 'array',
        items: { type: 'object', required: ['message'], properties: { message: text, ...place } },
      },
    },
  };
}
