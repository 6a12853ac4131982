// A static API server: responds to GET of any path that a file contains, and with 404 to all others. Records its
// requests. `node answering-server.mjs ANSWERS.json REQUESTS.log PORT`
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [answers, requests, port] = process.argv.slice(2);

const notFound = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 };

createServer(({ method, url }, response) => {
  appendFileSync(requests, `${method} ${url}\n`);
  const { pathname } = new URL(url, 'http://api');
  // Read each time: it may have changed.
  const answer = method === 'GET' ? JSON.parse(readFileSync(answers, 'utf8'))[pathname] : undefined;
  response.writeHead(answer ? 200 : 404, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(answer ?? notFound));
}).listen(Number(port), '127.0.0.1');
