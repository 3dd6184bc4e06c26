// Knows: how a record is written in each form that `convert` offers.
// Must not know: files, framing of the input, what happens to bad records.

import type { Codec } from '../../codec/compile/compile.ts';
import type { RecordWriter } from '../../codec/framing/enframe.ts';
import type { Rendering } from './conversion.ts';

export type Target = 'ndjson' | 'json' | 'csv' | 'record';

const LF = 10;
const COMMA = 44;

/** `paths`: what is shown of a record. */
export async function renderingOf(
  target: Exclude<Target, 'record'>,
  codec: Codec,
  paths: readonly string[],
): Promise<Rendering> {
  if (target === 'csv') return (await import('./csv.ts')).csvRendering(codec, paths);
  const write = codec.writer(paths);
  if (target === 'ndjson') {
    return {
      head: '',
      separator: 0,
      tail: '',
      write(bytes, start, end, out, locate) {
        write(bytes, start, end, out, locate);
        if (out.length === out.bytes.length) out.reserve(1);
        out.bytes[out.length++] = LF;
        return true;
      },
    };
  }
  return {
    head: '[',
    separator: 1,
    tail: '\n]\n',
    write(bytes, start, end, out, locate) {
      const mark = out.length;
      out.reserve(2);
      out.bytes[out.length++] = COMMA;
      out.bytes[out.length++] = LF;
      try {
        write(bytes, start, end, out, locate);
        return true;
      } catch (error) {
        out.length = mark;
        throw error;
      }
    },
  };
}

/** Records as they are, in another framing. */
export function reframed(writer: RecordWriter): Rendering {
  return {
    head: '',
    separator: 0,
    tail: '',
    write(bytes, start, end, out) {
      writer.write(bytes.subarray(start, end), out);
      return true;
    },
    finish: (out) => writer.finish(out),
  };
}
