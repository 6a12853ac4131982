import { eventually } from '../runtime/wait';
import { kubectl, list } from './cluster';
import { type EdgeNode, isReady } from './nodes';
import type { Project } from './project';
import { COUNTING } from './stores';

/** Name of the environment that `init` writes. */
export const NAME = 'proof';

/** Host names of the ingress for real edge nodes. */
export const HOSTS = { metrics: process.env.E2E_METRICS_HOST, logs: process.env.E2E_LOGS_HOST };

/** Second host names of the same ingress. */
export const NEW_HOSTS = { metrics: process.env.E2E_NEW_METRICS_HOST, logs: process.env.E2E_NEW_LOGS_HOST };

const { E2E_CONTROLLER: CONTROLLER = 'ingress-nginx', E2E_CONTROLLER_NAMESPACE: CONTROLLER_NAMESPACE } =
  process.env;

/** Name of the log agent's function and image. */
export const LOG_AGENT = process.env.E2E_LOG_AGENT ?? 'fluentBit';

/** CIDRs of the pods on edge nodes, for the option `podCidrs`. */
const POD_CIDRS = process.env.E2E_POD_CIDRS;

/** Seconds between two scrapes. */
export const INTERVAL = 10;

/** Writes the environment as a user with a private CA would. Returns the output of `init`. */
export async function write(project: Project): Promise<string> {
  const said = await project.run([
    ...['init', '--name', NAME, '--nodes', '2', '--transport', 'remote-write', '--controller', CONTROLLER],
    ...['--metrics-host', HOSTS.metrics ?? '', '--logs-host', HOSTS.logs ?? ''],
    ...(CONTROLLER_NAMESPACE ? ['--controller-namespace', CONTROLLER_NAMESPACE] : []),
  ]);
  project.edit(NAME, "cluster: '", "privateCa: { configMapName: 'edge-ca', key: 'ca.crt' },\n  cluster: '");
  const logs = `logs: { agent: ${LOG_AGENT}() }`;
  const agent = `agent: { pushes: { ${POD_CIDRS ? `podCidrs: ${JSON.stringify(POD_CIDRS.split(','))}` : ''} } }`;
  project.edit(NAME, '  edge: {', `  nodeCidrs: ['0.0.0.0/0'],\n  edge: {\n    ${logs},\n    ${agent},`);
  project.edit(NAME, 'import { ', `import { ${LOG_AGENT}, `);
  project.edit(NAME, 'import { ', `import { addServices } from '${__dirname}/services';\nimport { `);
  project.edit(NAME, '  new EdgeChart(', '  const edge = new EdgeChart(');
  project.edit(NAME, 'logs });\n', 'logs });\n  addServices(edge);\n');
  return said;
}

/** Creates the TLS Secrets of the hosts, and the ConfigMap with the CA certificate for the edge. */
export async function certify(project: Project, { metrics, logs } = HOSTS): Promise<void> {
  const { authority } = project;
  const files = { 'ca.crt': authority.certificate };
  await create('ConfigMap', 'monitoring-edge', 'edge-ca', { data: files });
  for (const [name, host = ''] of [
    ['push-tls', metrics],
    ['logs-tls', logs],
  ]) {
    const stringData = authority.issue(host);
    await create('Secret', 'monitoring', name ?? '', { type: 'kubernetes.io/tls', stringData });
  }
}

async function create(kind: string, namespace: string, name: string, fields: object): Promise<void> {
  const object = { apiVersion: 'v1', kind, metadata: { name, namespace }, ...fields };
  await kubectl(['apply', '--server-side', '--filename', '-'], JSON.stringify(object));
}

/**
 * Starts a DaemonSet on all edge nodes whose pods log a numbered line per second.
 * @param image image with a shell, which the nodes already have
 */
export async function countLines(image: string): Promise<void> {
  const labels = { app: 'counting' };
  const command = 'i=0; while :; do i=$((i+1)); echo "line $i of a test"; sleep 1; done';
  const affinity = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'node-role.kubernetes.io/edge', operator: 'Exists' }] },
        ],
      },
    },
  };
  const pod = {
    affinity,
    tolerations: [{ operator: 'Exists' }],
    automountServiceAccountToken: false,
    securityContext: { runAsUser: 65_534 },
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'counting', image, command: ['/bin/sh', '-c', command] }],
  };
  const spec = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } };
  const metadata = { name: 'counting', namespace: COUNTING };
  const daemonSet = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata, spec };
  await kubectl(['create', '--filename', '-'], JSON.stringify(daemonSet));
}

/** Waits until all edge pods are ready on all nodes. @param seconds maximum time of the wait */
export async function edgeIsReady(nodes: readonly EdgeNode[], seconds = 240): Promise<void> {
  const unready = async () => {
    const pods = await list('pods', '--namespace', 'monitoring-edge');
    const wanted = await list('daemonsets', '--namespace', 'monitoring-edge');
    const missing = nodes.length * wanted.length - pods.filter(isReady).length;
    return { missing, names: pods.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata.name) };
  };
  let last = '';
  await eventually(
    () => `ready pods on all edge nodes: ${last}`,
    async () => {
      const { missing, names } = await unready();
      last = `${missing} missing, not ready: ${names.join(', ')}`;
      return missing <= 0 && names.length === 0;
    },
    { seconds, pauseMs: 2_000 },
  );
}
