// Knows: which value a JSON document is, without a digit lost.
// Must not know: any product, where the text comes from.

import { compareDecimal, parseDecimal, type Value } from '#spi';

/** A number that JavaScript would round is kept as the text that stands in the document. */
export function jsonValue(stored: string): Value | undefined {
  try {
    const parsed: unknown = JSON.parse(
      stored,
      (_name, value: unknown, context?: { readonly source?: string }) =>
        typeof value === 'number' && context?.source !== undefined && !isExact(value, context.source)
          ? context.source
          : value,
    );
    return isJson(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isExact(number: number, source: string): boolean {
  const shortest = expanded(String(number));
  const written = expanded(source);
  return shortest !== undefined && written !== undefined && compareDecimal(shortest, written) === 0;
}

const MOST_ZEROS = 400;

/** A JSON number without its exponent. */
function expanded(number: string): string | undefined {
  const [mantissa = '', exponent = '0'] = number.toLowerCase().split('e');
  const shift = Number(exponent);
  if (Math.abs(shift) > MOST_ZEROS) return undefined;
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const sign = mantissa.startsWith('-') ? '-' : '';
  if (shift >= 0) {
    const digits = fraction.padEnd(shift, '0');
    return parseDecimal(`${sign}${whole}${digits.slice(0, shift)}.${digits.slice(shift)}`);
  }
  const digits = whole.padStart(1 - shift, '0');
  return parseDecimal(`${sign}${digits.slice(0, shift)}.${digits.slice(shift)}${fraction}`);
}

function isJson(parsed: unknown): parsed is Value {
  return parsed === null || ['boolean', 'number', 'string', 'object'].includes(typeof parsed);
}
