import { execFile, execFileSync } from 'node:child_process';
import type { Manifest } from '../support/manifests';
import { environment } from './cluster';

/** An edge node that is connected. */
export interface EdgeNode {
  readonly name: string;
  /** Whether EdgeCore runs it; otherwise a kubelet does, and the node is labelled. */
  readonly isOfKubeEdge: boolean;
}

/** Edge nodes of the cluster that are connected; at once, since tests that cannot run are named before any runs. */
export function edgeNodes(): EdgeNode[] {
  const args = ['get', 'nodes', '--selector', 'node-role.kubernetes.io/edge', '--output', 'json'];
  const nodes: Manifest[] = JSON.parse(
    execFileSync('kubectl', args, { env: environment, encoding: 'utf8' }),
  ).items;
  return nodes.filter(isReady).map(({ metadata, status }) => ({
    name: metadata.name,
    isOfKubeEdge: status.nodeInfo.kubeletVersion.includes('kubeedge'),
  }));
}

/** Whether a node or a pod is ready. */
export const isReady = ({ status }: Manifest): boolean =>
  (status?.conditions ?? []).some(
    ({ type, status: value }: { type: string; status: string }) => type === 'Ready' && value === 'True',
  );

/** Commands that the user of the suite gives, which take the name of a node as their argument. */
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
