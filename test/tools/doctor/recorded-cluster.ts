import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kubectl } from '../../../lib/tools/process/kubectl';

/** Output of `kubectl get` for a list of these objects. */
export const items = (...objects: unknown[]): string => JSON.stringify({ items: objects });

/** An object of which the name and perhaps annotations count. */
export const named = (name: string, annotations = {}) => ({ metadata: { name, annotations } });

/** A node as its kubelet reports it. */
export function node(
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

/** The label of KubeEdge. */
export const EDGE = { 'node-role.kubernetes.io/edge': '' };

const API_VERSIONS = ['v1', 'apps/v1', 'networking.k8s.io/v1', 'policy/v1', 'rbac.authorization.k8s.io/v1'];

/** Arguments with which a Secret is read. */
export const secret = (namespace: string, name: string) =>
  `get secret ${name} --namespace ${namespace} --ignore-not-found`;

const login = (password: string) =>
  JSON.stringify({ data: { username: btoa('edge'), password: btoa(password) } });

/** A cluster that has all that the least environment needs. */
export const well = (): Record<string, string> => ({
  version: JSON.stringify({ serverVersion: { minor: '22+', gitVersion: 'v1.22.2' } }),
  'api-versions': API_VERSIONS.join('\n'),
  'get namespaces': ['monitoring', 'monitoring-nodes', 'monitoring-edge', 'ingress-nginx']
    .map((name) => `namespace/${name}`)
    .join('\n'),
  'get --recursive': '',
  'get configmaps --all-namespaces': items(),
  'get deployments.apps': items(),
  'get ingress.networking.k8s.io --all-namespaces': items(),
  'get nodes': items(
    node('cloud-1'),
    node('edge-1', {
      labels: EDGE,
      arch: 'arm64',
      kubelet: 'v1.19.3-kubeedge-v1.8.1',
      runtime: 'docker://20.10.7',
    }),
    node('edge-2', { labels: EDGE }),
  ),
  'get ingressclasses': items(named('nginx')),
  'get pods --namespace monitoring-edge': items(),
  'get storageclasses': items(named('standard', { 'storageclass.kubernetes.io/is-default-class': 'true' })),
  [secret('monitoring', 'push-users')]: 'Opaque auth',
  [secret('monitoring', 'logs-users')]: 'Opaque auth',
  [secret('monitoring', 'push-tls')]: 'kubernetes.io/tls tls.crt tls.key',
  [secret('monitoring', 'logs-tls')]: 'kubernetes.io/tls tls.crt tls.key',
  [secret('monitoring', 'grafana-admin')]: 'kubernetes.io/basic-auth password username',
  [secret('monitoring-edge', 'push-credentials')]: 'kubernetes.io/basic-auth password username',
  [secret('monitoring-edge', 'logs-credentials')]: 'kubernetes.io/basic-auth password username',
  'get secret push-credentials --namespace monitoring-edge --output json': login('a-password'),
  'get secret logs-credentials --namespace monitoring-edge --output json': login('a-password'),
});

/** Responses of a cluster to kubectl by argument prefix; other calls are refused. */
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

  /** Puts a program on PATH that answers the same, until it is removed. */
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
