import { execFile } from 'node:child_process';
import type { Manifest } from '../support/manifests';
import { list } from './cluster';

/** An edge node that is connected. */
export interface EdgeNode {
  readonly name: string;
  /** Whether EdgeCore runs it; otherwise a kubelet does, and the node is labelled. */
  readonly isOfKubeEdge: boolean;
}

/** Edge nodes of the cluster that are connected. */
export async function edgeNodes(): Promise<EdgeNode[]> {
  const nodes = await list('nodes', '--selector', 'node-role.kubernetes.io/edge');
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

/** Commands of whoever runs the suite, which take the name of a node as their argument. */
export const UPLINK = {
  cut: process.env.E2E_UPLINK_CUT,
  mend: process.env.E2E_UPLINK_MEND,
  restart: process.env.E2E_EDGECORE_RESTART,
} as const;

/** Runs one of them. @throws Error with what it said, when it fails. */
export function onNode(command: string, node: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', `${command} "$0"`, node], (error, _stdout, stderr) =>
      error ? reject(new Error(`${command} ${node}: ${stderr}`)) : resolve(),
    );
  });
}
