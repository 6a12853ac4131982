import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { POD_NAME_LABEL } from '../../lib/core/labels';
import type { Manifest } from '../support/manifests';
import { Authority, type KeyAlgorithm } from './authority';
import { Cleanup } from './cleanup';
import { ImageStore } from './images';
import { Internet } from './internet';
import { hostsFile, matchesSelector, selectPods, verifyPorts } from './names';
import { Node, type NodeProps } from './node';
import { Pod } from './pod';
import type { PodTemplate } from './pod-spec';
import { allowsNode } from './scheduling';
import { createClaim } from './volumes';

/** Kinds of objects that run pods. */
export type WorkloadKind = 'DaemonSet' | 'Deployment' | 'StatefulSet';

/**
 * Seconds between SIGTERM and SIGKILL when the cluster is destroyed. They are few, because nothing reads the output of
 * pods any more.
 */
const LAST_GRACE_SECONDS = 1;

/**
 * A simulated cluster without an API server: it has nodes, applied objects, and pods that were started from these
 * objects. `destroy` undoes everything.
 */
export class Cluster {
  readonly cleanup = new Cleanup();
  readonly folder: string;
  readonly internet: Internet;
  /** Signs the certificates of public hosts. The containers of all images trust this authority. */
  readonly authority: Authority;
  readonly nodes: Node[] = [];
  private readonly images: ImageStore;
  private readonly objects = new Map<string, Manifest>();
  private readonly publicNames = new Map<string, string>();
  private readonly listeners: (() => void)[] = [];
  private pods: Pod[] = [];
  private podsEver = 0;

  /** @param keys type of the private keys of public hosts' certificates */
  constructor(keys?: KeyAlgorithm) {
    this.folder = mkdtempSync(join(tmpdir(), `e2e-${process.pid}-`));
    this.cleanup.add(() => rmSync(this.folder, { recursive: true }));
    this.internet = new Internet(`${this.id}-`, this.cleanup);
    this.authority = new Authority(join(this.folder, 'authority'), keys);
    this.images = new ImageStore(join(this.folder, 'images'));
  }

  /** Adds a node. A pod of a Deployment or StatefulSet runs on the first node that its manifest allows. */
  addNode(props: NodeProps): Node {
    const node = new Node(this.internet, props, join(this.folder, 'nodes', props.name), this.cleanup);
    this.nodes.push(node);
    return node;
  }

  /** Creates or replaces objects. Running pods see changed Secrets and ConfigMaps immediately. No pods are started. */
  apply(...objects: readonly Manifest[]): void {
    for (const findObject of objects)
      this.objects.set(objectKey(findObject.kind, findObject.metadata), findObject);
    for (const pod of this.pods) pod.files.refresh();
    this.notifyChanged();
  }

  /** Returns an applied object. @throws Error if the object was not applied */
  object(kind: string, namespace: string, name: string): Manifest {
    const object = this.objects.get(objectKey(kind, { namespace, name }));
    if (!object)
      throw new Error(`${kind} ${namespace}/${name} does not exist in the test cluster: apply it first`);
    return object;
  }

  /** Returns all applied objects of a kind. */
  objectsOfKind(kind: string): Manifest[] {
    return [...this.objects.values()].filter((object) => object.kind === kind);
  }

  /**
   * Starts the pods of a workload, and waits until they are ready.
   * @param nodes nodes on which the pods may run
   * @default - all nodes
   */
  async start(kind: WorkloadKind, namespace: string, name: string, nodes = this.nodes): Promise<Pod[]> {
    const workload = this.object(kind, namespace, name);
    const pods = this.placements(workload, nodes).map(([podName, node]) =>
      this.createPod(workload, podName, node),
    );
    for (const service of this.objectsOfKind('Service')) for (const pod of pods) verifyPorts(service, pod);
    this.cleanup.add(() => Promise.all(pods.map((pod) => pod.stop(LAST_GRACE_SECONDS))));
    this.pods.push(...pods);
    this.notifyChanged();
    await Promise.all(pods.map((pod) => pod.start()));
    return pods;
  }

  /** Stops and removes pods. Their PersistentVolumeClaims are kept. */
  async remove(...pods: readonly Pod[]): Promise<void> {
    this.pods = this.pods.filter((pod) => !pods.includes(pod));
    await Promise.all(pods.map((pod) => pod.stop()));
    this.notifyChanged();
  }

  /** Returns the addresses of the running pods that a Service selects. */
  addresses(namespace: string, service: string): string[] {
    return selectPods(this.object('Service', namespace, service), this.pods).map(({ address }) => address);
  }

  /**
   * Returns the address of the first pod behind a Service, even before its pods are started. Returns `undefined` if no
   * workload matches the Service.
   */
  addressOf(namespace: string, service: string): string | undefined {
    const [first] = this.addressesOf(namespace, service);
    return first;
  }

  /** Returns the addresses of all pods behind a Service, even before its pods are started. */
  addressesOf(namespace: string, service: string): string[] {
    const addresses = this.addresses(namespace, service);
    return addresses.length > 0
      ? addresses
      : this.reservedAddresses(this.object('Service', namespace, service));
  }

  /** Lets all pods resolve a public host name to an address. */
  publish(host: string, address: string): void {
    this.publicNames.set(host, address);
  }

  /** Registers a function that is called whenever objects or pods have changed. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Stops everything, and removes everything that the cluster created on this machine. */
  async destroy(): Promise<void> {
    await this.cleanup.run();
  }

  private get id(): string {
    return basename(this.folder);
  }

  private notifyChanged(): void {
    for (const listener of this.listeners) listener();
    const names = {
      public: this.publicNames,
      services: this.objectsOfKind('Service'),
      pods: this.pods,
      reserved: (service: Manifest) => this.reservedAddresses(service)[0],
    };
    for (const pod of this.pods) pod.files.writeHosts(hostsFile(pod, names));
  }

  /**
   * Returns the addresses that the pods behind a Service will have. Returns an empty list if no workload matches the
   * Service.
   */
  private reservedAddresses({ metadata: { namespace = '' }, spec }: Manifest): string[] {
    const { [POD_NAME_LABEL]: replica, ...selector } = spec.selector ?? {};
    const workload = [...this.objectsOfKind('StatefulSet'), ...this.objectsOfKind('Deployment')].find(
      (one) =>
        one.metadata.namespace === namespace && matchesSelector(selector, one.spec.template.metadata.labels),
    );
    const placements = workload ? this.placements(workload) : [];
    return placements
      .filter(([name]) => !replica || name === replica)
      .map(([name, node]) => node.addressOf(`${namespace}/${name}`));
  }

  /** Returns the names of a workload's pods, each with the node on which it runs. @throws Error if no node fits */
  private placements({ kind, metadata, spec }: Manifest, among = this.nodes): [string, Node][] {
    const nodes = among.filter((node) => allowsNode(spec.template.spec, node));
    const [first] = nodes;
    if (!first)
      throw new Error(
        `no node of the test cluster fits the pods of ${metadata.name}: add a node with the labels that they require`,
      );
    if (kind === 'DaemonSet') return nodes.map((node) => [`${metadata.name}-${node.name}`, node]);
    return Array.from({ length: spec.replicas ?? 1 }, (_, index) => [`${metadata.name}-${index}`, first]);
  }

  private createPod(workload: Manifest, name: string, node: Node): Pod {
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
    const volume = (claim: string) => createClaim(join(this.folder, 'claims', `${claim}-${pod}`), fsGroup);
    return Object.fromEntries(templates.map(({ metadata }) => [metadata.name, volume(metadata.name)]));
  }

  /**
   * Returns whether a pod gets a token of its service account. The setting of the pod precedes the setting of the
   * service account; the default is yes.
   */
  private hasToken({ spec }: PodTemplate, namespace: string): boolean {
    const account = this.objects.get(
      objectKey('ServiceAccount', { namespace, name: spec.serviceAccountName ?? 'default' }),
    );
    return spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true;
  }

  /**
   * Address for which pods get a token. Nothing listens at this address, so service discovery finds no API server and
   * keeps trying.
   */
  private get apiServer() {
    return { host: this.internet.address, port: 443, authority: this.authority.certificate };
  }
}

function objectKey(kind: string, { namespace = '', name }: { namespace?: string; name: string }): string {
  return `${kind}/${namespace}/${name}`;
}
