// An API server for Nodes and ConfigMaps, for programs that list and watch.
//
//   node main.mjs KEY CERTIFICATE ADDRESS OBJECTS
//
// Each line of standard input is a change as JSON: { put: OBJECT } and { remove: OBJECT } change objects,
// { heals: true } makes empty lists of nodes complete again, { forgets: true } ends watches from earlier versions with
// error 410.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createInterface } from 'node:readline';

const [key, cert, address, given] = process.argv.slice(2);
const PLURALS = { Node: 'nodes', ConfigMap: 'configmaps' };

const collections = { nodes: new Map(), configmaps: new Map() };
const events = [];
const watchers = new Set();
let version = Number(JSON.parse(given).version);
let oldest = version;
let { empties } = JSON.parse(given);

function change(type, object) {
  version += 1;
  const plural = PLURALS[object.kind];
  const { name } = object.metadata;
  const stored = { ...object, metadata: { ...object.metadata, resourceVersion: `${version}` } };
  const known = collections[plural].has(name);
  if (type === 'DELETED') collections[plural].delete(name);
  else collections[plural].set(name, stored);
  const event = {
    plural,
    version,
    type: type === 'PUT' ? (known ? 'MODIFIED' : 'ADDED') : type,
    object: stored,
  };
  events.push(event);
  for (const watcher of watchers) watcher(event);
}

for (const object of JSON.parse(given).objects) change('PUT', object);

createInterface({ input: process.stdin }).on('line', (line) => {
  const { put, remove, heals, forgets } = JSON.parse(line);
  if (put) change('PUT', put);
  if (remove) change('DELETED', remove);
  if (heals) empties = false;
  if (forgets) {
    version += 1;
    oldest = version;
  }
});

const isMeant = (name, { searchParams }) =>
  [null, `metadata.name=${name}`].includes(searchParams.get('fieldSelector'));

function list(response, plural, url) {
  const all = empties && plural === 'nodes' ? [] : [...collections[plural].values()];
  const items = all.filter(({ metadata }) => isMeant(metadata.name, url));
  const from = Number(url.searchParams.get('continue') ?? 0);
  // Pages have two items only, so that lists have several pages.
  const until = from + 2;
  const metadata = { resourceVersion: `${version}`, ...(until < items.length && { continue: `${until}` }) };
  response.end(JSON.stringify({ metadata, items: items.slice(from, until) }));
}

function watch(response, plural, url) {
  const since = Number(url.searchParams.get('resourceVersion'));
  const say = (type, object) => response.write(`${JSON.stringify({ type, object })}\n`);
  response.writeHead(200);
  response.flushHeaders();
  if (since < oldest) {
    say('ERROR', { code: 410, message: 'too old resource version' });
    return response.end();
  }
  const tell = (event) => {
    if (event.plural !== plural || event.version <= since || !isMeant(event.object.metadata.name, url))
      return;
    say(event.type, event.object);
  };
  for (const event of events) tell(event);
  watchers.add(tell);
  response.on('close', () => watchers.delete(tell));
  setTimeout(
    () => {
      say('BOOKMARK', { metadata: { resourceVersion: `${version}` } });
      response.end();
    },
    Number(url.searchParams.get('timeoutSeconds')) * 1_000,
  );
}

createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
  const url = new URL(request.url, 'https://api');
  const plural = url.pathname.split('/').pop();
  if (!request.headers.authorization?.startsWith('Bearer ')) return response.writeHead(401).end();
  if (!collections[plural]) return response.writeHead(404).end();
  if (url.searchParams.has('watch')) return watch(response, plural, url);
  list(response, plural, url);
}).listen(443, address, () => console.log('listening'));
