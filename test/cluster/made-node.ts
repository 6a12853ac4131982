import { setTimeout as sleep } from 'node:timers/promises';
import { JOINED, kubectl, list, nodeOf } from './cluster';

const [KEY = '', VALUE = ''] = JOINED.split('=');

/**
 * A simulated edge node without a machine, for clusters without edge nodes. It does those tasks of a kubelet that the
 * control plane waits for.
 */
export class MadeNode {
  private isStopped = false;
  private readonly work: Promise<void>;

  private constructor(private readonly name: string) {
    this.work = this.standIn();
  }

  /** Creates a node that is ready, and has the labels that KubeEdge sets. */
  static async create(name: string): Promise<MadeNode> {
    const labels = {
      [KEY]: VALUE,
      'node-role.kubernetes.io/edge': '',
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': name,
    };
    const conditions = [
      { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'simulated by the cluster suite' },
    ];
    const allocatable = { cpu: '4', memory: '8Gi', pods: '110' };
    await create({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels } });
    const status = JSON.stringify({ status: { conditions, allocatable, capacity: allocatable } });
    await kubectl(['patch', 'node', name, '--subresource=status', '--patch', status]);
    return new MadeNode(name);
  }

  /** Stops the simulation. `cleanUp` deletes the node, together with all other nodes that the suite created. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.work;
  }

  private async standIn(): Promise<void> {
    while (!this.isStopped) {
      await this.renewLease();
      await this.endPods();
      await sleep(1_000);
    }
  }

  /** Renews the lease of the node, so that the control plane does not treat the node as lost. */
  private async renewLease(): Promise<void> {
    const spec = {
      ...{ holderIdentity: this.name, leaseDurationSeconds: 40 },
      renewTime: new Date().toISOString().replace('Z', '000Z'),
    };
    const metadata = { name: this.name, namespace: 'kube-node-lease' };
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    await kubectl(['apply', '--filename', '-'], JSON.stringify(lease));
  }

  /** Completes the deletion of pods on the node, which otherwise waits for a kubelet. */
  private async endPods(): Promise<void> {
    const pods = (await list('pods', '--all-namespaces')).filter(
      (pod) => nodeOf(pod) === this.name && 'deletionTimestamp' in pod.metadata,
    );
    for (const { metadata } of pods) {
      const pod = ['pod', metadata.name, '--namespace', String(metadata.namespace)];
      await kubectl(['delete', ...pod, '--ignore-not-found', '--force', '--grace-period=0']);
    }
  }
}

const create = (object: object): Promise<string> =>
  kubectl(['create', '--filename', '-'], JSON.stringify(object));
