import { setTimeout as sleep } from 'node:timers/promises';
import { JOINED, kubectl, list, nodeOf } from './cluster';

const [KEY = '', VALUE = ''] = JOINED.split('=');

/** An edge node without a machine, for clusters that have no edge node. It does of a kubelet's work what the control plane waits for. */
export class MadeNode {
  private isStopped = false;
  private readonly work: Promise<void>;

  private constructor(private readonly name: string) {
    this.work = this.standIn();
  }

  /** Makes a node as KubeEdge labels one, which is ready. */
  static async create(name: string): Promise<MadeNode> {
    const labels = {
      [KEY]: VALUE,
      'node-role.kubernetes.io/edge': '',
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': name,
    };
    const conditions = [
      { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'stands in for a kubelet' },
    ];
    const allocatable = { cpu: '4', memory: '8Gi', pods: '110' };
    await create({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels } });
    const status = JSON.stringify({ status: { conditions, allocatable, capacity: allocatable } });
    await kubectl(['patch', 'node', name, '--subresource=status', '--patch', status]);
    return new MadeNode(name);
  }

  /** Ends the work; the node itself goes with all others that the suite made. */
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

  /** The heartbeat without which the control plane would treat the node as lost. */
  private async renewLease(): Promise<void> {
    const spec = {
      ...{ holderIdentity: this.name, leaseDurationSeconds: 40 },
      renewTime: new Date().toISOString().replace('Z', '000Z'),
    };
    const metadata = { name: this.name, namespace: 'kube-node-lease' };
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    await kubectl(['apply', '--filename', '-'], JSON.stringify(lease));
  }

  /** Pods that are deleted wait for the kubelet of their node. */
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
