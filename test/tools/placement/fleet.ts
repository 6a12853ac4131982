import { placementOfDaemonSet } from '../../../lib/tools/placement/placement-move';
import type { ClusterObject } from '../../../lib/tools/process/kubectl';
import type { Clock } from '../../../lib/tools/rollout/perform-steps';
import { isNodeSelectedByWorkload } from '../../../lib/tools/synthesis/edge-nodes';
import { loadManifests } from '../../support/manifests';

/** A node with its labels. */
interface Node {
  readonly labels: Record<string, string>;
  online: boolean;
}

const flagValue = (args: readonly string[], flag: string) => args[args.indexOf(flag) + 1] ?? '';

/** A cluster that immediately runs a pod on each node that a DaemonSet selects. It records the calls of kubectl. */
export class PlacedFleet {
  readonly calls: string[] = [];
  readonly nodes = new Map<string, Node>();
  readonly daemonSets = new Map<string, ClusterObject>();
  /** Nodes whose new pods do not become ready. */
  readonly broken = new Set<string>();
  private seconds = 0;

  readonly clock: Clock = {
    now: () => this.seconds,
    sleep: async (seconds) => {
      this.seconds += seconds;
    },
  };

  readonly kubectl = async (...args: readonly string[]): Promise<string> => {
    this.calls.push(args.join(' '));
    const [verb, kind = ''] = args;
    if (verb === 'config') return 'test-cluster\n';
    if (verb === 'label') return this.label(args.slice(2));
    if (verb === 'apply') return this.apply(loadManifests(flagValue(args, '--filename')));
    if (verb === 'create' || verb === 'replace') return '';
    if (args.includes('--filename'))
      return JSON.stringify({ kind: 'List', items: [...this.daemonSets.values()] });
    return JSON.stringify({ items: this.items(kind, args) });
  };

  addNode(name: string, labels: Record<string, string> = {}): void {
    const own = { 'node-role.kubernetes.io/edge': '', 'kubernetes.io/arch': 'arm64', ...labels };
    this.nodes.set(name, { labels: own, online: true });
  }

  /** Applies DaemonSets, as kubectl does. */
  apply(manifests: readonly ClusterObject[]): string {
    for (const one of manifests.filter(({ kind }) => kind === 'DaemonSet'))
      this.daemonSets.set(one.metadata.name, one);
    return manifests.map(({ metadata }) => `${metadata.name} serverside-applied`).join('\n');
  }

  /** Returns the names of the DaemonSets that have a pod on a node. */
  daemonSetsOnNode(node: string): string[] {
    const { labels = {} } = this.nodes.get(node) ?? {};
    return [...this.daemonSets.values()]
      .filter(
        (manifest) =>
          placementOfDaemonSet(manifest).length > 0 && isNodeSelectedByWorkload({ manifest }, labels),
      )
      .map(({ metadata }) => metadata.name)
      .sort();
  }

  private label(args: readonly string[]): string {
    const [text = ''] = args.filter((arg) => arg.includes('='));
    const [key = '', value = ''] = text.split('=');
    for (const [name, { labels }] of this.nodes) if (args.includes(name)) labels[key] = value;
    return '';
  }

  private items(kind: string, args: readonly string[]): object[] {
    const ready = (is: boolean) => ({ conditions: [{ type: 'Ready', status: is ? 'True' : 'False' }] });
    if (kind === 'daemonsets') {
      return [...this.daemonSets.values()].filter(
        ({ metadata }) => metadata.namespace === flagValue(args, '--namespace'),
      );
    }
    if (kind === 'nodes') {
      return [...this.nodes].map(([name, { labels, online }]) => ({
        metadata: { name, labels: { ...labels } },
        status: ready(online),
      }));
    }
    if (kind !== 'pods') return [];
    return [...this.nodes.keys()].flatMap((node) =>
      this.daemonSetsOnNode(node).map((name) => ({
        metadata: { name: `${name}-${node}`, ownerReferences: [{ kind: 'DaemonSet', name }] },
        spec: { nodeName: node },
        status: ready(!this.broken.has(node) || name.endsWith('-exporter')),
      })),
    );
  }
}
