import { execFileSync } from 'node:child_process';
import type { Manifest } from '../support/manifests';
import { EDGE_NODES, environment } from './cluster';

/** An edge node that is connected. */
export interface EdgeNode {
  readonly name: string;
  /** Whether EdgeCore runs it; otherwise a kubelet does, and the node is labelled. */
  readonly isOfKubeEdge: boolean;
}

/** Edge nodes of the cluster that are connected; at once, since tests that cannot run are named before any runs. */
export function edgeNodes(): EdgeNode[] {
  const args = ['get', 'nodes', '--selector', EDGE_NODES, '--output', 'json'];
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
