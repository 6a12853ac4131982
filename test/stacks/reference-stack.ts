import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'cdk8s';
import { parse } from 'yaml';
import { isEdgeWorkload } from '../../lib/tools/synthesis/edge-nodes';
import type { KeyAlgorithm } from '../runtime/authority';
import type { Cleanup } from '../runtime/cleanup';
import { Cluster } from '../runtime/cluster';
import { type RequestOptions, type Response, request } from '../runtime/http';
import { IngressController } from '../runtime/ingress-controller';
import type { Node } from '../runtime/node';
import type { Pod } from '../runtime/pod';
import type { PodSpec } from '../runtime/pod-spec';
import { type Credentials, htpasswd, secret } from '../runtime/secrets';
import { loadManifests, type Manifest } from '../support/manifests';
import { examplesFolder } from './examples-folder';
import handMade from './reference-daemonset.yaml';

/** The synthesized manifests of the example `reference`, or of the environment that is to be tested. */
export const referenceDist = (): string => process.env.E2E_DIST ?? join(examplesFolder(), 'reference');

/** Components of the environment whose nodes use remote write. */
export const fleetDist = (): string => process.env.E2E_FLEET_DIST ?? join(examplesFolder(), 'fleet');

export const CLOUD = 'monitoring';
export const EDGE = 'monitoring-edge';

/** The labels that KubeEdge gives to a node which joined. */
export const EDGE_NODE_LABELS = { 'node-role.kubernetes.io/edge': '', 'node-role.kubernetes.io/agent': '' };

/** One series of a query's answer. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
  /** Samples of a query of a range, such as `up[5m]`, which has these instead of `value`. */
  readonly values?: readonly (readonly [time: number, value: string])[];
}

/** Options of a stack. */
export interface StackOptions {
  /** Folder of the environment's manifests. @default - those of the example `reference` */
  readonly dist?: string;
  /** Names of the edge nodes. @default - `edge-1` alone */
  readonly edgeNodes?: readonly string[];
  /** MTU of the edge nodes' uplinks. @default 1500 */
  readonly mtu?: number;
  /** Properties of the edge node. @default "amd64" */
  readonly architecture?: 'amd64' | 'arm';
  /** Key type of the certificates of public hosts. @default "ecdsa" */
  readonly keys?: KeyAlgorithm;
}

/**
 * The reference environment, or another one, as it was synthesized: a node for the cloud side, one for the ingress,
 * one edge node far away, and the Secrets that are made outside of the manifests.
 */
export class ReferenceStack {
  /** Credentials with which edge nodes and business services push. */
  readonly credentials: Credentials = { username: 'edge', password: 'correct-horse-battery-staple' };
  readonly cluster: Cluster;
  /** The first of the edge nodes, which is the only one in most tests. */
  readonly edgeNode: Node;
  readonly ingress: IngressController;
  /** Pods behind the ingress. */
  readonly guards: Pod[] = [];
  private readonly cloudNode: Node;

  /** Applies all manifests and starts the ingress and the pods behind it. Other pods are started by name. */
  static async create(options: StackOptions = {}): Promise<ReferenceStack> {
    const stack = new ReferenceStack(options);
    const guards = stack.cluster
      .objectsOfKind('Deployment')
      .filter(({ metadata }) => metadata.name.endsWith('-guard'));
    const starting = guards.map(({ metadata: { namespace = '', name } }) =>
      stack.cluster.start('Deployment', namespace, name),
    );
    const [pods] = await Promise.all([Promise.all(starting), stack.ingress.start()]);
    stack.guards.push(...pods.flat());
    return stack;
  }

  private constructor({
    dist = referenceDist(),
    edgeNodes = ['edge-1'],
    mtu,
    architecture = 'amd64',
    keys,
  }: StackOptions) {
    const cluster = new Cluster(keys);
    this.cluster = cluster;
    this.cloudNode = cluster.addNode({ name: 'cloud-1' });
    const labels = { ...EDGE_NODE_LABELS, 'kubernetes.io/arch': architecture };
    const [edgeNode] = edgeNodes.map((name) => cluster.addNode({ name, labels, mtu }));
    if (!edgeNode) throw new Error('a stack needs an edge node');
    this.edgeNode = edgeNode;
    cluster.apply(...loadManifests(join(dist, 'cloud')), ...loadManifests(join(dist, 'edge')));
    for (const ingress of cluster.objectsOfKind('Ingress')) cluster.apply(...this.ingressSecrets(ingress));
    for (const guard of cluster.objectsOfKind('Deployment')) cluster.apply(...this.guardSecrets(guard));
    cluster.apply(secret(CLOUD, 'alertmanager-receivers', { 'webhook-url': 'http://127.0.0.1:9/' }));
    this.setClientPassword(this.credentials.password);
    cluster.apply(secret(EDGE, 'edge-push-credentials', { ...this.credentials }));
    this.letPodsPush();
    this.ingress = new IngressController(cluster, cluster.addNode({ name: 'ingress' }));
  }

  /** Starts the pods of a StatefulSet of the cloud side and returns the first. */
  async startCloud(name: string): Promise<Pod> {
    return first(await this.cluster.start('StatefulSet', CLOUD, name));
  }

  /** Starts a DaemonSet of the edge and returns its pod on the first edge node. */
  async startEdge(name = 'edge-node-exporter'): Promise<Pod> {
    return first(await this.startEdges(name));
  }

  /** Starts a DaemonSet of the edge and returns its pods, one for each edge node. */
  startEdges(name: string): Promise<Pod[]> {
    return this.cluster.start('DaemonSet', EDGE, name);
  }

  /** Starts the hand-made DaemonSet and returns its pod on the edge node. */
  async startHandMade(): Promise<Pod> {
    const manifest: Manifest = parse(handMade);
    this.cluster.apply(manifest);
    return first(await this.cluster.start('DaemonSet', CLOUD, manifest.metadata.name));
  }

  /** Changes the password of the edge clients; the ingress still expects the right one. */
  setClientPassword(password: string): void {
    const clients = this.cluster
      .objectsOfKind('DaemonSet')
      .filter((manifest) => isEdgeWorkload({ manifest }));
    for (const { metadata, spec } of clients) {
      for (const name of secretsOf(spec.template.spec)) {
        const login = { ...this.credentials, password };
        const data = name.endsWith('-users') ? { auth: htpasswd(this.credentials) } : login;
        this.cluster.apply(secret(metadata.namespace ?? '', name, { ...data }));
      }
    }
  }

  /** Replaces the certificate of the metrics host by one that is valid for this number of days. */
  setCertificate(days: number): void {
    const certificate = this.cluster.authority.issue('push.edge.example.com', days);
    this.cluster.apply(secret(CLOUD, 'push-tls', { ...certificate }));
  }

  /** Changes the maximum body size of the metrics host in the annotation of the ingress. */
  setBodySize(size: string): void {
    const ingress = this.cluster.object('Ingress', CLOUD, 'push');
    const annotations = {
      ...ingress.metadata.annotations,
      'nginx.ingress.kubernetes.io/proxy-body-size': size,
    };
    this.cluster.apply({ ...ingress, metadata: { ...ingress.metadata, annotations } });
  }

  /** Asks a public host from the edge node, as a business service there would. */
  fromEdge(url: string, options: RequestOptions = {}): Promise<Response> {
    const { authority } = this.cluster;
    const route = { address: this.ingress.addressOf(new URL(url).hostname), authorityFile: authority.file };
    return request(this.edgeNode.namespace, url, { ...route, ...options });
  }

  /** Asks a pod of the cloud side. */
  fromCloud(pod: Pod, portAndPath: string): Promise<Response> {
    return request(this.cloudNode.namespace, `http://${pod.address}${portAndPath}`);
  }

  /** Returns the result of a query to Prometheus. */
  async query(prometheus: Pod, expression: string): Promise<Series[]> {
    const path = `:9090/api/v1/query?query=${encodeURIComponent(expression)}`;
    const { body } = await this.fromCloud(prometheus, path);
    return JSON.parse(body).data.result;
  }

  /** The values of each series of a range selector, in the order of their times. */
  async samples(prometheus: Pod, selector: string): Promise<number[][]> {
    const path = `:9090/api/v1/query?query=${encodeURIComponent(selector)}`;
    const { body } = await this.fromCloud(prometheus, path);
    const result: { values: [number, string][] }[] = JSON.parse(body).data.result;
    return result.map(({ values }) => values.map(([, value]) => Number(value)));
  }

  /** One of the nodes. */
  node(name: string): Node {
    const node = this.cluster.nodes.find((one) => one.name === name);
    if (!node) throw new Error(`there is no node ${name}`);
    return node;
  }

  /** Samples of a metric that a Pushgateway shows, one a line. */
  async pushed(pushgateway: Pod, metric: string, path = ':9091/metrics'): Promise<string[]> {
    const { body } = await this.fromCloud(pushgateway, path);
    return body.split('\n').filter((line) => line.startsWith(`${metric}{`));
  }

  /** When the group of the edge's node_exporter was last pushed, in seconds; undefined before the first push. */
  async lastPush(pushgateway: Pod): Promise<number | undefined> {
    const [line] = await this.pushed(pushgateway, 'push_time_seconds');
    return line ? Number(line.split(' ').pop()) : undefined;
  }

  async destroy(): Promise<void> {
    await this.cluster.destroy();
  }

  /** Nodes of the runtime have pod networks that differ from those of Docker and containerd. */
  private letPodsPush(): void {
    const isOfListener = ({ metadata }: Manifest) => metadata.name.endsWith('-push-listener-config');
    for (const config of this.cluster.objectsOfKind('ConfigMap').filter(isOfListener)) {
      const text: string = config.data['nginx.conf'];
      const data = { 'nginx.conf': text.replaceAll('10.88.0.0/16', `${this.edgeNode.uplink.subnet}.0/24`) };
      this.cluster.apply({ ...config, data });
    }
  }

  private guardSecrets(guard: Manifest): Manifest[] {
    const { namespace = '' } = guard.metadata;
    return usersOf(guard).map((name) => secret(namespace, name, { auth: htpasswd(this.credentials) }));
  }

  private ingressSecrets({ metadata, spec }: Manifest): Manifest[] {
    const { namespace = '', annotations } = metadata;
    const users = annotations?.['nginx.ingress.kubernetes.io/auth-secret'];
    return [
      ...spec.tls.map(({ hosts: [host], secretName }: { hosts: string[]; secretName: string }) =>
        secret(namespace, secretName, { ...this.cluster.authority.issue(host ?? '') }),
      ),
      ...(users ? [secret(namespace, users, { auth: htpasswd(this.credentials) })] : []),
    ];
  }
}

/** Users that a guard checks in place of the controller. */
function usersOf({ spec }: Manifest): string[] {
  return secretsOf(spec.template.spec).filter((name) => name.endsWith('-users'));
}

/** Secrets that pods mount. */
function secretsOf({ volumes = [] }: PodSpec): string[] {
  return volumes.flatMap(({ secret: mounted }) => (mounted ? [mounted.secretName] : []));
}

function first(pods: readonly Pod[]): Pod {
  const [pod] = pods;
  if (!pod) throw new Error('no pod was started');
  return pod;
}

/** A folder with the manifests of an app, for a stack of settings of its own. */
export function folderOf(app: App, cleanup: Cleanup): string {
  const folder = mkdtempSync(join(tmpdir(), `e2e-${process.pid}-dist-`));
  cleanup.add(() => rmSync(folder, { recursive: true }));
  for (const chart of app.charts) {
    mkdirSync(join(folder, chart.node.id));
    chart.toJson().forEach((object, index) => {
      writeFileSync(join(folder, chart.node.id, `${index}.yaml`), JSON.stringify(object));
    });
  }
  return folder;
}
