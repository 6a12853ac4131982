import { execFile } from 'node:child_process';
import { type Outcome, tryRun } from '../runtime/programs';
import type { Manifest } from '../support/manifests';

/** The environment of main.ts that the suite applies. */
export const ENVIRONMENT = process.env.E2E_ENVIRONMENT ?? 'reference';

/** Namespaces of the environment. */
export const NAMESPACES = ['monitoring', 'monitoring-nodes', 'monitoring-edge'];

/** Namespaces that the suite makes and deletes. */
export const OURS = [
  ...NAMESPACES,
  'edge-observability-test',
  // Of the migration.
  ...['observability', 'observability-nodes', 'observability-edge'],
];

/** Environment of commands: the cluster. */
export const environment = { ...process.env, KUBECONFIG: process.env.E2E_KUBECONFIG };

/** Runs kubectl against the cluster. */
export const tryKubectl = (args: readonly string[], input?: string): Promise<Outcome> =>
  tryRun('kubectl', args, { env: environment, input });

/** Returns the output of kubectl. @throws Error with what it said, when it fails. */
export async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await tryKubectl(args, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Returns the objects that kubectl lists; of named ones, those that exist. */
export async function list(...args: readonly string[]): Promise<Manifest[]> {
  const printed = await kubectl(['get', ...args, '--ignore-not-found', '--output', 'json']);
  return printed.trim() ? JSON.parse(printed).items : [];
}

/** The node of a pod, also of one that is not scheduled yet: the DaemonSet controller names it in the affinity. */
export const nodeOf = ({ spec }: Manifest): string | undefined =>
  spec.nodeName ??
  spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]
    ?.matchFields?.[0]?.values[0];

/** Runs a command of the app as `npm run` does. */
export const command = (...args: readonly string[]): Promise<Outcome> =>
  tryRun('node', ['scripts/run.cjs', 'main.ts', ...args], { env: environment });

/** Mends uplinks and deletes everything that the suite may have made, also what a run that failed left behind. */
export async function cleanUp(): Promise<void> {
  await mendUplinks();
  // First: Kubernetes deletes the pods of a removed node, and nothing else stops those of a node without a kubelet.
  await kubectl(['delete', 'nodes', '--selector', JOINED, '--ignore-not-found']);
  const ours = ['--selector', 'app.kubernetes.io/part-of=edge-observability', '--ignore-not-found'];
  await endEdgePods();
  await kubectl(['delete', 'namespaces', ...OURS, '--ignore-not-found', '--timeout=4m']);
  // Last: a command that still ran may have made them meanwhile, and can make nothing in a namespace that is gone.
  await kubectl(['delete', 'clusterroles,clusterrolebindings', ...ours]);
  await kubectl(['delete', 'roles,rolebindings', '--namespace', 'default', ...ours]);
  await kubectl(['delete', 'clusterrole,clusterrolebinding', 'prometheus', '--ignore-not-found']);
  const labels = ['edge-observability-test/site-', 'edge-observability.io/placement-', 'edge-metrics-'];
  await kubectl(['label', 'nodes', '--all', ...labels]);
}

/** EdgeCore that misses an object of a pod keeps "not found" as its content, for the next pod that names it, too. */
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
  // The nodes that the suite makes have no machine.
  const real = `${EDGE_NODES},!${JOINED.split('=')[0]}`;
  for (const { metadata } of await list('nodes', '--selector', real)) await runCommand(mend, metadata.name);
}

/** The label of edge nodes. */
export const EDGE_NODES = 'node-role.kubernetes.io/edge';

/** The label of the nodes that the suite makes. */
export const JOINED = 'edge-observability.io/test=joined';

/** Commands from the user of the suite, which have a node name as their argument. */
export const UPLINK = {
  cut: process.env.E2E_UPLINK_CUT,
  mend: process.env.E2E_UPLINK_MEND,
  restart: process.env.E2E_EDGECORE_RESTART,
} as const;

/** Runs a command that the user of the suite gave. @throws Error with what it said, when it fails. */
export function runCommand(command: string, argument: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', `${command} "$0"`, argument], (error, _stdout, stderr) =>
      error ? reject(new Error(`${command} ${argument}: ${stderr}`)) : resolve(),
    );
  });
}
