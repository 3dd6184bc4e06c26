// `npm run bench`: every figure of the README in one run. Nothing here is asserted.

import { benchCache } from './cache.ts';
import { benchCodec } from './codec.ts';
import { benchConvert } from './convert.ts';
import { benchFiles } from './files.ts';
import { benchGuards } from './guards.ts';
import { benchHttp } from './http.ts';
import { benchPostgres } from './postgres.ts';
import { benchSoap } from './soap.ts';

await benchCodec();
await benchConvert();
await benchHttp();
await benchGuards();
await benchSoap();
await benchPostgres();
await benchCache();
await benchFiles();
