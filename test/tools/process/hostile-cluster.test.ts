import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EdgeChart, fromLoki, fromPushgateway } from '../../../lib';
import type { Environments } from '../../../lib/tools/synthesis/environment';
import { callCommand } from '../../support/recorded-io';
import { minimalSettings } from '../../support/settings';

const HOSTILE = 'x\x1b[35m\x1b]0;owned\x07\x9b2J\r\u202ey';
const CONTROLS = ['\x1b', '\x07', '\x9b', '\r', '\u202e'];

/** Escape sequences that the commands themselves print. */
const OWN = ['\r\x1b[K', '\x1b[0m', '\x1b[31m', '\x1b[32m', '\x1b[33m'];

const words = { [HOSTILE]: HOSTILE };
const metadata = {
  ...{ name: HOSTILE, namespace: HOSTILE, uid: HOSTILE, annotations: words },
  labels: { ...words, 'node-role.kubernetes.io/edge': '' },
};
const container = { name: HOSTILE, image: HOSTILE, state: { waiting: { reason: HOSTILE } } };

/** An object that stands for a node, a pod, a DaemonSet and a ConfigMap. All of its texts contain control characters. */
const object = {
  ...{ apiVersion: 'v1', kind: HOSTILE, metadata, data: words, type: HOSTILE },
  spec: {
    ...{ nodeName: HOSTILE, taints: [{ key: HOSTILE, value: HOSTILE, effect: 'NoSchedule' }], rules: [] },
    ...{ selector: { matchLabels: words }, containers: [container] },
    template: { metadata, spec: { containers: [container] } },
  },
  status: {
    ...{ phase: HOSTILE, message: HOSTILE, addresses: [], containerStatuses: [container] },
    conditions: [{ type: 'Ready', status: 'Unknown', reason: HOSTILE, message: HOSTILE }],
    nodeInfo: { kubeletVersion: HOSTILE, architecture: HOSTILE, containerRuntimeVersion: HOSTILE },
  },
};

/** A program `kubectl` that returns this object for every call. */
const KUBECTL = `#!/bin/sh
cd "$(dirname "$0")"
case "$*" in
  version*) cat version.json ;;
  *json*) cat list.json ;;
  get* | config*) cat text ;;
  *) { printf 'Error: '; cat text; } >&2; exit 1 ;;
esac
`;

const environments: Environments = {
  site: (app) => {
    const push = { host: 'push.invalid', credentialsSecretName: 'push' };
    const metrics = fromPushgateway(push);
    new EdgeChart(app, 'edge', { settings: minimalSettings, metrics, logs: fromLoki(push) });
  },
};

const { PATH } = process.env;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  const files = {
    text: HOSTILE,
    'version.json': JSON.stringify({ serverVersion: { minor: '28', gitVersion: HOSTILE } }),
    'list.json': JSON.stringify({ ...object, kind: 'List', items: [object] }),
    kubectl: KUBECTL,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  chmodSync(join(folder, 'kubectl'), 0o755);
  process.env.PATH = `${folder}:${PATH}`;
});

afterAll(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

test.each([['doctor'], ['doctor', '--json'], ['apply'], ['prune'], ['rollout']])(
  '%s %s shows texts of a cluster without their control characters',
  async (...args) => {
    const terminal = { stdoutIsTerminal: true, stderrIsTerminal: true };
    const { stdout, stderr } = await callCommand(args.filter(Boolean), environments, terminal);
    const shown = OWN.reduce((text, sequence) => text.replaceAll(sequence, ''), `${stdout}${stderr}`);
    expect(shown).toContain('x\\u001b[35m\\u001b]0;owned\\u0007\\u009b2J');
    expect(CONTROLS.filter((control) => shown.includes(control))).toEqual([]);
  },
);
