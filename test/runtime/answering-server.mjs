// A static API server. Responds to GET with the object that a JSON file has for the path, and to all other requests
// with 404. Records all requests in a file.
//
// node answering-server.mjs ANSWERS.json REQUESTS.log PORT
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [answers, requests, port] = process.argv.slice(2);

const notFound = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 };

createServer(({ method, url }, response) => {
  appendFileSync(requests, `${method} ${url}\n`);
  const { pathname } = new URL(url, 'http://api');
  // The file is read for each request, because it may have changed.
  const answer = method === 'GET' ? JSON.parse(readFileSync(answers, 'utf8'))[pathname] : undefined;
  response.writeHead(answer ? 200 : 404, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(answer ?? notFound));
}).listen(Number(port), '127.0.0.1');
