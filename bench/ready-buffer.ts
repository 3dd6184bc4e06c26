// The floor: an express handler that sends bytes which were ready before the request came.
// Arguments: port, content type, body in base64.

import express from 'express';

const [port = '', type = '', body = ''] = process.argv.slice(2);
const bytes = Buffer.from(body, 'base64');
const app = express();
app.disable('x-powered-by');
app.set('etag', false);
app.use(express.json());
app.all('/', (_request, response) => {
  response.setHeader('content-type', type);
  response.end(bytes);
});
app.listen(Number(port), '127.0.0.1');
