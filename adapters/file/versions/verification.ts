// Knows: whether every record of a version can be decoded.
// Must not know: which version is shown meanwhile, what the records say.

import type { OpenTable } from '../reads/selection.ts';
import { slices } from '../slices.ts';
import { scanFile } from '../tables/fetch.ts';
import { ownerOf, placeIn } from '../tables/place.ts';
import { faultsIn } from '../tables/sample.ts';
import type { Gate } from './publication.ts';

/** Refuses a version with the first fault of a record. Other readings of the same bytes (REDEFINES without a rule) are not decoded. */
export function verificationGate(of: Pick<OpenTable, 'source' | 'table' | 'file' | 'sliceMs'>): Gate {
  const { table, sliceMs } = of;
  const names = table.collection.fields.flatMap(({ name, alternate }) => (alternate === true ? [] : [name]));
  return {
    thorough: true,
    async check(file, { signal }) {
      const decode = table.codec.decoder(names);
      const slice = slices(sliceMs);
      for await (const rows of table.rows(scanFile(file, table.framing, { signal }))) {
        const place = placeIn(ownerOf(of), rows);
        for (; place.i < rows.length; place.i++) {
          const row = decode(rows.bytes, rows.start(place.i), rows.end(place.i), place.locate);
          const [fault] = faultsIn(row);
          if (fault !== undefined) throw place.settle(fault);
          if ((place.i & 0xff) === 0 && slice.over()) {
            await slice.next();
            signal.throwIfAborted();
          }
        }
      }
    },
  };
}
