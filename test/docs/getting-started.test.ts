import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { App } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import * as lib from '../../lib';
import { requiredSecrets } from '../../lib/core/required-secrets';
import { secrets } from '../../lib/tools/doctor/secrets';
import { createApp, type Environments } from '../../lib/tools/synthesis/environment';
import { codeBlocks } from '../support/code-blocks';
import { writeCheckout } from '../support/examples';
import { loadRendered, type Manifest } from '../support/manifests';
import { executeSource } from '../support/typescript';

/** Notes how it was called, and what came in. */
const KUBECTL = `#!/bin/sh
echo "$*" >> "$FOLDER/calls"
case "$*" in
  *'-f -'*) cat >> "$FOLDER/applied" ;;
  'get configmaps '*) echo '{ "kind": "List", "items": [] }' ;;
  'get --recursive '*) echo '{ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "monitoring", "uid": "1", "labels": { "app.kubernetes.io/part-of": "edge-observability" } } }' ;;
esac
`;

/** Files of a clone that the page needs and does not change. */
const LINKED = ['lib', 'imports', 'scripts', 'node_modules', 'package.json'];

/** Files that the page changes. */
const CHANGED = ['main.ts', 'environments', 'dist'];

const ENVIRONMENT = 'environments/first.ts';

const blocks = codeBlocks('docs/getting-started.md');
let folder: string;
let calls: string[];
/** The environment as init wrote it, and as the page has it. */
let files: { readonly written: string; readonly shown: string };

/** Follows the page in a clone: everything that needs no cluster for real, and no download. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'getting-started-'));
  for (const name of LINKED) symlinkSync(resolve(name), join(folder, name));
  writeCheckout(folder);
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/kubectl'), KUBECTL);
  chmodSync(join(folder, 'bin/kubectl'), 0o755);
  mkdirSync(join(folder, 'private'));
  writeFileSync(join(folder, 'private/registry-password'), 'secret');
  for (const { language, code } of blocks) {
    if (language === 'ts') {
      files = { written: readFileSync(join(folder, ENVIRONMENT), 'utf8'), shown: code };
      writeFileSync(join(folder, ENVIRONMENT), code);
    } else run(runnable(code));
  }
  calls = readFileSync(join(folder, 'calls'), 'utf8').trimEnd().split('\n');
});

function run(code: string): void {
  execFileSync('sh', ['-e'], { cwd: folder, input: code, env: environment(), stdio: 'pipe' });
}

afterAll(() => rmSync(folder, { recursive: true }));

const environment = () => ({
  ...process.env,
  PATH: `${folder}/bin:${process.env.PATH}`,
  CDK8S_OUTDIR: 'dist',
  FOLDER: folder,
});

/** Without what asks a registry or a cluster for an answer; it is in a clone already. */
const runnable = (code: string): string =>
  code
    .replaceAll(/^(git clone .*|cd cdk8s-.*|npm ci)$/gm, '')
    .replaceAll(/^npm run --silent doctor .*$/gm, '')
    .replaceAll(/npm run (?:--silent )?(\w+)(?: -- )?/g, (_, name) =>
      name === 'synth' ? 'node scripts/run.cjs main.ts ' : `node scripts/run.cjs main.ts ${name} `,
    );

/** The app of the page's environment. */
function app(): App {
  return createApp('first', executeSource(files.shown, () => lib) as Environments);
}

/** Secrets by namespace and name: the type, and the names of the keys. */
function made(): Map<string, string> {
  const printed = parseAllDocuments(readFileSync(join(folder, 'applied'), 'utf8')).map((one) => one.toJS());
  const found = new Map<string, string>();
  for (const { metadata, type, stringData } of printed as Manifest[])
    found.set(`${metadata.namespace}/${metadata.name}`, [type, ...Object.keys(stringData)].join(' '));
  for (const call of calls) {
    const [, namespace, kind = '', name] = /^-n (\S+) create secret (\S+) (\S+)/.exec(call) ?? [];
    if (name) found.set(`${namespace}/${name}`, keysOf(kind, call));
  }
  return found;
}

function keysOf(kind: string, call: string): string {
  if (kind === 'tls') return 'kubernetes.io/tls tls.crt tls.key';
  const keys = [...call.matchAll(/--from-(?:literal|file)=([\w.-]+)=/g)].map(([, key]) => key);
  return [/--type=(\S+)/.exec(call)?.[1] ?? 'Opaque', ...keys].join(' ');
}

test('the environment of the page is the one that init writes, with settings more', () => {
  const written = files.written.split('\n');
  const added = files.shown.split('\n').filter((line) => !written.includes(line));
  expect(added.length).toBeGreaterThan(0);
  for (const line of added) expect(line).toMatch(/^ {2}\w+: .*,$/);
  expect(files.shown.split('\n').filter((line) => !added.includes(line))).toEqual(written);
});

test('whoever follows the page has made every Secret that the manifests read, with its keys', async () => {
  const there = made();
  const found = await secrets.run({
    objects: loadRendered(join(folder, 'dist/first')),
    ...{ secrets: requiredSecrets(app()), prometheus: [], kubernetesMinor: 30 },
    network: undefined as never,
    kubectl: async (...args: string[]) =>
      there.get(`${args[args.indexOf('--namespace') + 1]}/${args[2]}`) ?? '',
  });
  expect(found.length).toBeGreaterThan(8);
  expect(found.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
});

test('namespaces are applied first, then Secrets, the cloud, and the edge', () => {
  const order = ['/1-namespaces', 'create secret generic', '/2-configuration', '/3-cloud', '/4-edge'];
  const at = order.map((text) => calls.findIndex((call) => call.includes(text)));
  expect(at).toEqual([...at].sort((one, other) => one - other));
  expect(at).not.toContain(-1);
});

test('the authority that the edge trusts is where its setting says', () => {
  expect(calls).toContain(
    '-n monitoring-edge create configmap edge-ca --from-file=ca.crt --dry-run=client -o yaml',
  );
});

test('nothing secret stays behind, and nothing else than what is to be committed', () => {
  expect(readdirSync(folder).sort()).toEqual([...LINKED, ...CHANGED, 'bin', 'calls', 'applied'].sort());
});

describe('what was broken off', () => {
  test('can be done again: passwords, authorities and logins stay', () => {
    const ofSecrets = blocks
      .filter(({ language, code }) => language === 'sh' && /private/.test(code) && !/^rm /.test(code))
      .map(({ code }) => code);
    expect(ofSecrets.length).toBeGreaterThan(3);
    const [makeFolder = '', ...rest] = ofSecrets;
    const texts = () => {
      for (const code of rest) run(code.replaceAll(/^npm run .*$/gm, ''));
      return ['grafana-password', 'ca.key', 'ca.crt', 'registry.json'].map((name) =>
        readFileSync(join(folder, 'private', name), 'utf8'),
      );
    };
    run(makeFolder);
    writeFileSync(join(folder, 'private/registry-password'), 'secret');
    const before = texts();
    run(makeFolder);
    expect(texts()).toEqual(before);
  });

  test('makes no object that there is: each is applied', () => {
    const commands = blocks.flatMap(({ code }) => code.replaceAll('\\\n', '').split('\n'));
    const makes = commands.filter((line) => /kubectl .*create /.test(line));
    expect(makes.length).toBeGreaterThan(3);
    for (const line of makes)
      expect(line).toMatch(/--dry-run=client -o yaml \| kubectl apply --server-side -f -$/);
  });
});

test('no password is an argument', () => {
  const text = blocks.map(({ code }) => code).join('\n');
  expect(text).not.toMatch(/--[\w-]*password[= ]|--from-literal=password/);
});
