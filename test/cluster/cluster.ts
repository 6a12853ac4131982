import { execFile } from 'node:child_process';
import { type Outcome, tryRun } from '../runtime/programs';
import type { Manifest } from '../support/manifests';

/** The environment of main.ts that the suite applies. */
export const ENVIRONMENT = process.env.E2E_ENVIRONMENT ?? 'reference';

/** Namespaces of the environment. */
export const NAMESPACES = ['monitoring', 'monitoring-nodes', 'monitoring-edge'];

/** Namespaces that the suite creates and deletes. */
export const OURS = [
  ...NAMESPACES,
  'edge-observability-test',
  // Namespaces of the migration test.
  ...['observability', 'observability-nodes', 'observability-edge'],
];

/** Environment variables for commands, which make them use the cluster. */
export const environment = { ...process.env, KUBECONFIG: process.env.E2E_KUBECONFIG };

/** Runs kubectl against the cluster, and resolves to its exit code and output. */
export const tryKubectl = (args: readonly string[], input?: string): Promise<Outcome> =>
  tryRun('kubectl', args, { env: environment, input });

/** Runs kubectl against the cluster, and returns its output. @throws Error with the error output if kubectl fails */
export async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await tryKubectl(args, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Returns the objects that `kubectl get` lists. Objects that are named and do not exist are left out. */
export async function list(...args: readonly string[]): Promise<Manifest[]> {
  const printed = await kubectl(['get', ...args, '--ignore-not-found', '--output', 'json']);
  return printed.trim() ? JSON.parse(printed).items : [];
}

/**
 * Returns the node of a pod. For a pod that is not scheduled yet, returns the node that the DaemonSet controller wrote
 * into its affinity. Returns `undefined` if there is none.
 */
export const nodeOf = ({ spec }: Manifest): string | undefined =>
  spec.nodeName ??
  spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]
    ?.matchFields?.[0]?.values[0];

/** Runs a command of this project as `npm run` does. */
export const command = (...args: readonly string[]): Promise<Outcome> =>
  tryRun('node', ['scripts/run.cjs', 'main.ts', ...args], { env: environment });

/** Restores uplinks, and deletes everything that the suite may have created, including what failed runs left behind. */
export async function cleanUp(): Promise<void> {
  await mendUplinks();
  // Nodes are deleted first, because Kubernetes then deletes their pods. Nothing else stops pods on a node without a
  // kubelet.
  await kubectl(['delete', 'nodes', '--selector', JOINED, '--ignore-not-found']);
  const ours = ['--selector', 'app.kubernetes.io/part-of=edge-observability', '--ignore-not-found'];
  await endEdgePods();
  await kubectl(['delete', 'namespaces', ...OURS, '--ignore-not-found', '--timeout=4m']);
  // These objects are deleted last, because a command that was still running may have created them meanwhile. It cannot
  // create objects in a namespace that is gone.
  await kubectl(['delete', 'clusterroles,clusterrolebindings', ...ours]);
  await kubectl(['delete', 'roles,rolebindings', '--namespace', 'default', ...ours]);
  await kubectl(['delete', 'clusterrole,clusterrolebinding', 'prometheus', '--ignore-not-found']);
  const labels = ['edge-observability-test/site-', 'edge-observability.io/placement-', 'edge-metrics-'];
  await kubectl(['label', 'nodes', '--all', ...labels]);
}

/**
 * Deletes the DaemonSets of edge nodes, and waits for their pods. If an object of a pod is deleted while the pod
 * exists, EdgeCore caches "not found", and a later pod that needs an object of the same name does not get it.
 */
async function endEdgePods(): Promise<void> {
  for (const namespace of ['monitoring-edge', 'observability-edge']) {
    const edge = ['--namespace', namespace, '--all'];
    await kubectl(['delete', 'daemonsets', ...edge]);
    await tryKubectl(['wait', '--for=delete', 'pods', ...edge, '--timeout=90s']);
  }
}

async function mendUplinks(): Promise<void> {
  const { mend } = UPLINK;
  if (!mend) return;
  // Nodes that the suite created have no machine, so they have no uplink.
  const real = `${EDGE_NODES},!${JOINED.split('=')[0]}`;
  for (const { metadata } of await list('nodes', '--selector', real)) await runCommand(mend, metadata.name);
}

/** Label of edge nodes. */
export const EDGE_NODES = 'node-role.kubernetes.io/edge';

/** Label of the nodes that the suite creates. */
export const JOINED = 'edge-observability.io/test=joined';

/**
 * Commands that the user of the suite provides in environment variables. Each command gets the name of a node as its
 * argument.
 */
export const UPLINK = {
  cut: process.env.E2E_UPLINK_CUT,
  mend: process.env.E2E_UPLINK_MEND,
  restart: process.env.E2E_EDGECORE_RESTART,
} as const;

/** Runs a command that the user of the suite provided. @throws Error with the error output if the command fails */
export function runCommand(command: string, argument: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', `${command} "$0"`, argument], (error, _stdout, stderr) =>
      error ? reject(new Error(`${command} ${argument}: ${stderr}`)) : resolve(),
    );
  });
}
