import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kubectl } from '../../../lib/tools/process/kubectl';

/** Returns the output of `kubectl get` for a list of objects. */
export const listOutput = (...objects: unknown[]): string => JSON.stringify({ items: objects });

/** Creates an object with a name and annotations. */
export const objectWithName = (name: string, annotations = {}) => ({ metadata: { name, annotations } });

/** Creates a node with the status that its kubelet reports. */
export function createNode(
  name: string,
  { labels = {}, arch = 'amd64', isReady = true, ...info } = {} as NodeFacts,
) {
  return {
    metadata: { name, labels: { 'kubernetes.io/arch': arch, ...labels } },
    spec: { taints: info.taints ?? [] },
    status: {
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'Unknown' }],
      nodeInfo: {
        osImage: info.system ?? 'Debian GNU/Linux 12 (bookworm)',
        kubeletVersion: info.kubelet ?? 'v1.22.2',
        containerRuntimeVersion: info.runtime ?? 'containerd://1.6.8',
      },
    },
  };
}

interface NodeFacts {
  labels?: Record<string, string>;
  arch?: string;
  isReady?: boolean;
  kubelet?: string;
  runtime?: string;
  system?: string;
  taints?: { key: string; value?: string; effect: string }[];
}

/** The label of edge nodes. */
export const EDGE = { 'node-role.kubernetes.io/edge': '' };

const API_VERSIONS = ['v1', 'apps/v1', 'networking.k8s.io/v1', 'policy/v1', 'rbac.authorization.k8s.io/v1'];

/** Returns the arguments of kubectl with which `doctor` reads the keys of a Secret. */
export const getSecretCommand = (namespace: string, name: string) =>
  `get secret ${name} --namespace ${namespace} --ignore-not-found`;

const basicAuthData = (password: string) =>
  JSON.stringify({ data: { username: btoa('edge'), password: btoa(password) } });

/** Returns the responses of a cluster that meets all requirements of the smallest environment. */
export const healthyResponses = (): Record<string, string> => ({
  version: JSON.stringify({ serverVersion: { minor: '22+', gitVersion: 'v1.22.2' } }),
  'api-versions': API_VERSIONS.join('\n'),
  'get namespaces': ['monitoring', 'monitoring-nodes', 'monitoring-edge', 'ingress-nginx']
    .map((name) => `namespace/${name}`)
    .join('\n'),
  'get --recursive': '',
  'get configmaps --all-namespaces': listOutput(),
  'get deployments.apps': listOutput(),
  'get ingress.networking.k8s.io --all-namespaces': listOutput(),
  'get nodes': listOutput(
    createNode('cloud-1'),
    createNode('edge-1', {
      labels: EDGE,
      arch: 'arm64',
      kubelet: 'v1.19.3-kubeedge-v1.8.1',
      runtime: 'docker://20.10.7',
    }),
    createNode('edge-2', { labels: EDGE }),
  ),
  'get ingressclasses': listOutput(objectWithName('nginx')),
  'get pods --namespace monitoring-edge': listOutput(),
  'get storageclasses': listOutput(
    objectWithName('standard', { 'storageclass.kubernetes.io/is-default-class': 'true' }),
  ),
  [getSecretCommand('monitoring', 'push-users')]: 'Opaque auth',
  [getSecretCommand('monitoring', 'logs-users')]: 'Opaque auth',
  [getSecretCommand('monitoring', 'push-tls')]: 'kubernetes.io/tls tls.crt tls.key',
  [getSecretCommand('monitoring', 'logs-tls')]: 'kubernetes.io/tls tls.crt tls.key',
  [getSecretCommand('monitoring', 'grafana-admin')]: 'kubernetes.io/basic-auth password username',
  [getSecretCommand('monitoring-edge', 'push-credentials')]: 'kubernetes.io/basic-auth password username',
  [getSecretCommand('monitoring-edge', 'logs-credentials')]: 'kubernetes.io/basic-auth password username',
  'get secret push-credentials --namespace monitoring-edge --output json': basicAuthData('a-password'),
  'get secret logs-credentials --namespace monitoring-edge --output json': basicAuthData('a-password'),
});

/** A cluster with recorded responses to kubectl, by the prefix of its arguments. Other calls fail. */
export class RecordedCluster {
  readonly calls: string[] = [];

  constructor(readonly answers: Record<string, string>) {}

  readonly kubectl: Kubectl = async (...args) => {
    const call = args.join(' ');
    this.calls.push(call);
    const beginning = Object.keys(this.answers).find((one) => call.startsWith(one));
    if (beginning === undefined) throw new Error(`kubectl ${call} failed: Forbidden`);
    return this.answers[beginning] ?? '';
  };

  /** Installs a program `kubectl` with the same responses on PATH. Returns a function that removes it. */
  install(): () => void {
    const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
    const { PATH } = process.env;
    const cases = Object.entries(this.answers).map(([beginning, answer], index) => {
      writeFileSync(join(folder, `${index}`), answer);
      return `'${beginning}'*) exec cat ${folder}/${index} ;;\n`;
    });
    const refused = '*) echo "Forbidden: $*" >&2; exit 1 ;;';
    writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\ncase "$*" in\n${cases.join('')}${refused}\nesac\n`);
    chmodSync(join(folder, 'kubectl'), 0o755);
    process.env.PATH = `${folder}:${PATH}`;
    return () => {
      process.env.PATH = PATH;
      rmSync(folder, { recursive: true });
    };
  }
}
