import { execFileSync } from 'node:child_process';
import type { Manifest } from '../support/manifests';
import { EDGE_NODES, environment } from './cluster';

/** A ready edge node. */
export interface EdgeNode {
  readonly name: string;
  /** Whether EdgeCore runs the node. Otherwise the node has a kubelet and the label of edge nodes. */
  readonly isOfKubeEdge: boolean;
}

/**
 * Returns the ready edge nodes of the cluster. This function is synchronous, because the names of tests depend on the
 * nodes.
 */
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

/** Returns whether a node or a pod is ready. */
export const isReady = ({ status }: Manifest): boolean =>
  (status?.conditions ?? []).some(
    ({ type, status: value }: { type: string; status: string }) => type === 'Ready' && value === 'True',
  );
