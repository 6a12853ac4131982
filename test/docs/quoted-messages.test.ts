import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Texts of the programs and scripts that manifests ship, and of lib that renders them. */
const shipped = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(?:ts|mjs|sh)$/.test(name))
  .map((name) => readFileSync(join('lib', name), 'utf8'))
  .join('\n');

/** Messages in the first column of a table, which has this title. */
function quotedMessages(path: string, title: string): string[] {
  const [, table = ''] = readFileSync(path, 'utf8').split(`| ${title} |`);
  const rows = (table.split('\n\n')[0] ?? '').split('\n').slice(2);
  return rows.flatMap((row) =>
    [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, text = '']) => text),
  );
}

/** The fixed parts of a message: programs insert numbers and reasons, and pages write N or "..." for them. */
const fixedParts = (message: string): string[] =>
  message
    .split(/\.\.\.|: | N |\d+ KiB| with an error|pushing (?=only)|the password (?=is)|\b\d{3}\b|HTTP .*/)
    .map((part) => part.trim())
    .filter((part) => part.length > 3);

test.each([
  ['docs/troubleshooting.md', 'log message', 15],
  ['docs/runbooks/EdgeUserOverLimit.md', 'response', 4],
])('%s quotes messages in the column "%s" as programs log them', (path, title, least) => {
  const messages = quotedMessages(path, title);
  expect(messages.length).toBeGreaterThan(least);
  const unknown = messages.filter((message) => fixedParts(message).some((part) => !shipped.includes(part)));
  expect(unknown).toEqual([]);
});

/** Reasons of the program's refusals: the last argument of each `new Refusal(status, message, reason)`. */
const refusalReasons = (program: string): string[] =>
  [...program.matchAll(/new Refusal\([^;]*?,\s*'([a-z_0-9]+)',?\s*\)/g)].map(([, reason = '']) => reason);

test('the runbook of EdgePushesRefused explains each reason with which a program rejects a push', () => {
  const folders = [
    'lib/cloud/pushgateway/push-filter',
    'lib/cloud/metrics-gateway/series-limiter',
    'lib/edge/metrics-agent/push-listener',
    'lib/programs',
  ];
  // Reasons for requests that are no pushes of a node: other protocols, and requests that did not pass the guard.
  const otherRequests = ['protocol', 'query'];
  const programs = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.mjs'))
      .map((name) => readFileSync(join(folder, name), 'utf8')),
  );
  const reasons = new Set(programs.flatMap(refusalReasons));
  expect(reasons.size).toBeGreaterThan(15);
  const explained = quotedMessages('docs/runbooks/EdgePushesRefused.md', '`reason`');
  expect([...reasons].filter((reason) => ![...explained, ...otherRequests].includes(reason))).toEqual([]);
});
