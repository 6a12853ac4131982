import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { POD_NAME_LABEL } from '../../lib/core/labels';
import type { Manifest } from '../support/manifests';
import { Authority, type KeyAlgorithm } from './authority';
import { Cleanup } from './cleanup';
import { ImageStore } from './images';
import { Internet } from './internet';
import { endpoints, hostsFile, selects, verifyPorts } from './names';
import { Node, type NodeProps } from './node';
import { Pod } from './pod';
import type { PodTemplate } from './pod-spec';
import { fits } from './scheduling';
import { makeClaim } from './volumes';

/** Kinds that pods are made of. */
export type WorkloadKind = 'DaemonSet' | 'Deployment' | 'StatefulSet';

/** Grace period between SIGTERM and SIGKILL when the cluster is destroyed: further output of a pod is not read. */
const LAST_GRACE_SECONDS = 1;

/**
 * A cluster without an API server: nodes, the objects that were applied, and the pods that were
 * started from them. Everything is undone by `destroy`.
 */
export class Cluster {
  readonly cleanup = new Cleanup();
  readonly folder: string;
  readonly internet: Internet;
  /** Signs the certificates of public hosts; every image trusts it. */
  readonly authority: Authority;
  readonly nodes: Node[] = [];
  private readonly images: ImageStore;
  private readonly objects = new Map<string, Manifest>();
  private readonly publicNames = new Map<string, string>();
  private readonly listeners: (() => void)[] = [];
  private pods: Pod[] = [];
  private podsEver = 0;

  /** @param keys of the certificates of public hosts */
  constructor(keys?: KeyAlgorithm) {
    this.folder = mkdtempSync(join(tmpdir(), `e2e-${process.pid}-`));
    this.cleanup.add(() => rmSync(this.folder, { recursive: true }));
    this.internet = new Internet(`${this.id}-`, this.cleanup);
    this.authority = new Authority(join(this.folder, 'authority'), keys);
    this.images = new ImageStore(join(this.folder, 'images'));
  }

  /** Adds a node; pods land on the first that their manifest allows. */
  addNode(props: NodeProps): Node {
    const node = new Node(this.internet, props, join(this.folder, 'nodes', props.name), this.cleanup);
    this.nodes.push(node);
    return node;
  }

  /** Creates or replaces objects. Pods see changed Secrets and ConfigMaps at once; nothing is started. */
  apply(...objects: readonly Manifest[]): void {
    for (const object of objects) this.objects.set(key(object.kind, object.metadata), object);
    for (const pod of this.pods) pod.files.refresh();
    this.notify();
  }

  /** @throws Error when it was not applied. */
  object(kind: string, namespace: string, name: string): Manifest {
    const object = this.objects.get(key(kind, { namespace, name }));
    if (!object) throw new Error(`there is no ${kind} ${namespace}/${name}: apply it`);
    return object;
  }

  /** All objects of a kind. */
  all(kind: string): Manifest[] {
    return [...this.objects.values()].filter((object) => object.kind === kind);
  }

  /** Starts the pods of a workload, on these nodes where not on all, and waits until they are ready. */
  async start(kind: WorkloadKind, namespace: string, name: string, nodes = this.nodes): Promise<Pod[]> {
    const workload = this.object(kind, namespace, name);
    const pods = this.placements(workload, nodes).map(([podName, node]) =>
      this.makePod(workload, podName, node),
    );
    for (const service of this.all('Service')) for (const pod of pods) verifyPorts(service, pod);
    this.cleanup.add(() => Promise.all(pods.map((pod) => pod.stop(LAST_GRACE_SECONDS))));
    this.pods.push(...pods);
    this.notify();
    await Promise.all(pods.map((pod) => pod.start()));
    return pods;
  }

  /** Stops pods permanently; their PersistentVolumeClaims stay. */
  async remove(...pods: readonly Pod[]): Promise<void> {
    this.pods = this.pods.filter((pod) => !pods.includes(pod));
    await Promise.all(pods.map((pod) => pod.stop()));
    this.notify();
  }

  /** Addresses behind a Service. */
  addresses(namespace: string, service: string): string[] {
    return endpoints(this.object('Service', namespace, service), this.pods).map(({ address }) => address);
  }

  /** Returns the address behind a Service, also before its pods are started; undefined if it has no workload. */
  addressOf(namespace: string, service: string): string | undefined {
    const [first] = this.addressesOf(namespace, service);
    return first;
  }

  /** The same of all pods that it leads to. */
  addressesOf(namespace: string, service: string): string[] {
    const addresses = this.addresses(namespace, service);
    return addresses.length > 0
      ? addresses
      : this.reservedAddresses(this.object('Service', namespace, service));
  }

  /** Makes a host name of the public Internet lead to an address. */
  publish(host: string, address: string): void {
    this.publicNames.set(host, address);
  }

  /** Calls back whenever objects or pods have changed. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Stops everything and leaves nothing on the machine. */
  async destroy(): Promise<void> {
    await this.cleanup.run();
  }

  private get id(): string {
    return basename(this.folder);
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
    const names = {
      public: this.publicNames,
      services: this.all('Service'),
      pods: this.pods,
      reserved: (service: Manifest) => this.reservedAddresses(service)[0],
    };
    for (const pod of this.pods) pod.files.writeHosts(hostsFile(pod, names));
  }

  /** Returns the future addresses of the pods behind a Service, once their workload is started. */
  private reservedAddresses({ metadata: { namespace = '' }, spec }: Manifest): string[] {
    const { [POD_NAME_LABEL]: replica, ...selector } = spec.selector ?? {};
    const workload = [...this.all('StatefulSet'), ...this.all('Deployment')].find(
      (one) => one.metadata.namespace === namespace && selects(selector, one.spec.template.metadata.labels),
    );
    const placements = workload ? this.placements(workload) : [];
    return placements
      .filter(([name]) => !replica || name === replica)
      .map(([name, node]) => node.addressOf(`${namespace}/${name}`));
  }

  /** Names of a workload's pods, and the nodes that they go to. */
  private placements({ kind, metadata, spec }: Manifest, among = this.nodes): [string, Node][] {
    const nodes = among.filter((node) => fits(spec.template.spec, node));
    const [first] = nodes;
    if (!first) throw new Error(`no node fits the pods of ${metadata.name}`);
    if (kind === 'DaemonSet') return nodes.map((node) => [`${metadata.name}-${node.name}`, node]);
    return Array.from({ length: spec.replicas ?? 1 }, (_, index) => [`${metadata.name}-${index}`, first]);
  }

  private makePod(workload: Manifest, name: string, node: Node): Pod {
    const { namespace = 'default' } = workload.metadata;
    const template: PodTemplate = workload.spec.template;
    const id = `${this.id}-${++this.podsEver}-${name}`;
    return new Pod({
      id,
      name,
      namespace,
      template,
      node,
      folder: join(this.folder, 'pods', id),
      claims: this.claims(workload, name),
      apiServer: this.hasToken(template, namespace) ? this.apiServer : undefined,
      authorities: this.authority.certificate,
      images: this.images,
      lookup: (kind, source) => this.object(kind, namespace, source),
      cleanup: this.cleanup,
    });
  }

  private claims({ spec }: Manifest, pod: string) {
    const templates: Manifest[] = spec.volumeClaimTemplates ?? [];
    const { fsGroup } = spec.template.spec.securityContext ?? {};
    const volume = (claim: string) => makeClaim(join(this.folder, 'claims', `${claim}-${pod}`), fsGroup);
    return Object.fromEntries(templates.map(({ metadata }) => [metadata.name, volume(metadata.name)]));
  }

  /** The pod's word counts before its service account's; a cluster gives tokens by default. */
  private hasToken({ spec }: PodTemplate, namespace: string): boolean {
    const account = this.objects.get(
      key('ServiceAccount', { namespace, name: spec.serviceAccountName ?? 'default' }),
    );
    return spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true;
  }

  /** Nothing listens there: service discovery finds no API server, and keeps trying. */
  private get apiServer() {
    return { host: this.internet.address, port: 443, authority: this.authority.certificate };
  }
}

function key(kind: string, { namespace = '', name }: { namespace?: string; name: string }): string {
  return `${kind}/${namespace}/${name}`;
}
