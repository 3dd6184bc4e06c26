// Declared types as texts: `varchar(40)`, `decimal(9,2)`, `nvarchar(max)`.

export interface Declared {
  readonly name: string;
  /** Characters or bytes; Infinity is `max`. */
  readonly length: number;
  readonly precision: number;
  readonly scale: number;
}

const STANDARD_SCALE: Readonly<Record<string, number>> = { time: 7, datetime2: 7, datetimeoffset: 7 };

export function declaredType(text: string): Declared {
  const [, name = '', first, second] =
    /^\s*\[?(\w+)\]?\s*(?:\(\s*(max|\d+)\s*(?:,\s*(\d+)\s*)?\))?/i.exec(text) ?? [];
  const word = name.toLowerCase().replace('sysname', 'nvarchar');
  const decimal = word === 'decimal' || word === 'numeric';
  const number = first?.toLowerCase() === 'max' ? Number.POSITIVE_INFINITY : Number(first);
  return {
    name: word,
    length: first === undefined ? (name.toLowerCase() === 'sysname' ? 128 : 1) : number,
    precision: word === 'money' ? 19 : word === 'smallmoney' ? 10 : first === undefined ? 18 : number,
    scale: decimal
      ? Number(second ?? 0)
      : /money/.test(word)
        ? 4
        : first === undefined
          ? (STANDARD_SCALE[word] ?? 0)
          : number,
  };
}

export type Family = 'text' | 'bytes' | 'decimal' | 'integer' | 'float' | 'moment' | 'guid' | 'other';

export function familyOf({ name }: Declared): Family {
  if (/char$|text$|^xml$/.test(name)) return 'text';
  if (/binary$|^image$|^rowversion$|^timestamp$/.test(name)) return 'bytes';
  if (/^(?:decimal|numeric|money|smallmoney)$/.test(name)) return 'decimal';
  if (/int$|^bit$/.test(name)) return 'integer';
  if (/^(?:float|real)$/.test(name)) return 'float';
  if (/^(?:date|time|datetime|smalldatetime|datetime2|datetimeoffset)$/.test(name)) return 'moment';
  return name === 'uniqueidentifier' ? 'guid' : 'other';
}
