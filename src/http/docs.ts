// Knows: the rendered API reference and the front page. Everything comes from this machine: no font, script or
// address of another host; the browser is told to refuse any.
// Must not know: what the API offers beyond its addresses.

import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** Folder of the reference's script and style. */
export const ASSETS = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** The files of that folder that are served, of about thirty. */
export const ASSET_NAMES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const;

/** Styles may stand inside the page because Swagger UI writes them there; scripts may not. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function docsPage(title: string): string {
  return page(
    `${title}: REST reference`,
    `<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">`,
    `<form id="credentials" hidden>
<label>Send <select name="header"><option>X-Api-Key</option><option value="Authorization">Authorization: Bearer</option></select></label>
<input name="credential" type="password" autocomplete="off" required aria-label="Key or token">
<button>Show what it may</button>
<output id="told"></output>
</form>
<div id="reference"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>`,
  );
}

/**
 * Starts the reference: at once where the document is shown to everybody, else when somebody has typed a credential, which then goes with
 * every request of this page and is kept nowhere else. Without `validatorUrl: null` the document would be sent to a host on the internet.
 */
export const DOCS_SCRIPT = `const form = document.getElementById('credentials');
const told = document.getElementById('told');
let shown = {};

async function start() {
  const answer = await fetch('/openapi.json', { headers: shown });
  const body = await answer.json();
  told.textContent = answer.ok ? '' : body.detail;
  form.hidden = answer.ok && body.security === undefined;
  if (!answer.ok) return;
  SwaggerUIBundle({
    spec: body,
    dom_id: '#reference',
    deepLinking: true,
    validatorUrl: null,
    persistAuthorization: false,
    requestInterceptor(request) {
      const own = new URL(request.url, location.href).origin === location.origin;
      if (own) request.headers = { ...shown, ...request.headers };
      return request;
    },
  });
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const { header, credential } = form.elements;
  const bearer = header.value === 'Authorization' ? 'Bearer ' : '';
  shown = { [header.value]: bearer + credential.value };
  void start();
});
void start();
`;

export interface Link {
  readonly href: string;
  readonly text: string;
}

export function frontPage(title: string, links: readonly Link[]): string {
  const items = links.map(({ href, text }) => `<li><a href="${escaped(href)}">${escaped(text)}</a></li>`);
  const style =
    '<style>body{font:1rem/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}</style>';
  return page(title, style, `<h1>${escaped(title)}</h1>\n<ul>\n${items.join('\n')}\n</ul>`);
}

function page(title: string, head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
${head}
</head>
<body>
${body}
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
