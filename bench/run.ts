// `npm run bench`: every figure of the README in one run. Nothing here is asserted.

import { benchCodec } from './codec.ts';
import { benchHttp } from './http.ts';

await benchCodec();
await benchHttp();
