// A SOAP service that takes no time: the same envelope for every request. Arguments: port, the envelope in base64.

import { createServer } from 'node:http';

const [port = '', envelope = ''] = process.argv.slice(2);
const bytes = Buffer.from(envelope, 'base64');
createServer((req, res) => {
  req.resume();
  req.once('end', () => {
    res.setHeader('content-type', 'text/xml; charset=utf-8');
    res.setHeader('content-length', bytes.length);
    res.end(bytes);
  });
}).listen(Number(port), '127.0.0.1');
