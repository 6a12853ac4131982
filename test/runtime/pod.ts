import { Container } from './container';
import { containerEnvironment, expand } from './environment';
import { request } from './http';
import { type ImageStore, imageOf } from './images';
import { verifyPod } from './known-fields';
import { MemoryLimit } from './memory-limit';
import type { NetNamespace } from './net-namespace';
import type { Attachment, Node } from './node';
import { PodFiles, type PodFilesProps } from './pod-files';
import { bytes, type ContainerSpec, type HttpGet, type PodTemplate } from './pod-spec';
import type { Sandbox } from './sandbox';
import { eventually } from './wait';

/** Properties for `Pod`. */
export interface PodProps extends PodFilesProps {
  /** Unique name among all pods that ever ran on this machine. */
  readonly id: string;
  readonly images: ImageStore;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A pod on a node, with its network, files and containers. */
export class Pod {
  readonly files: PodFiles;
  readonly containers: readonly Container[];
  private readonly initContainers: readonly Container[];
  private readonly attachment: Attachment;

  /** @throws Error if the manifest has a field that the runtime does not support */
  constructor(private readonly props: PodProps) {
    const { spec } = props.template;
    verifyPod(`${props.namespace}/${props.name}`, spec);
    this.attachment = spec.hostNetwork
      ? props.node
      : props.node.connectPod(`${props.namespace}/${props.name}`, props.id);
    this.files = new PodFiles(props);
    this.initContainers = (spec.initContainers ?? []).map((container) => this.createContainer(container));
    this.containers = spec.containers.map((container) => this.createContainer(container));
  }

  get name(): string {
    return this.props.name;
  }

  get namespace(): string {
    return this.props.namespace;
  }

  get node(): Node {
    return this.props.node;
  }

  get template(): PodTemplate {
    return this.props.template;
  }

  get address(): string {
    return this.attachment.address;
  }

  get network(): NetNamespace {
    return this.attachment.namespace;
  }

  /**
   * Returns a container or init container by name.
   * @throws Error with the names of all containers if there is none with this name
   */
  container(name: string): Container {
    const all = [...this.initContainers, ...this.containers];
    const container = all.find((one) => one.name === name);
    const names = all.map((one) => one.name).join(', ');
    if (!container) throw new Error(`pod ${this.name} has no container ${name}; it has: ${names}`);
    return container;
  }

  /** Runs the init containers one after the other, starts all other containers, and waits until they are ready. */
  async start(): Promise<void> {
    for (const container of this.initContainers) await container.runToEnd();
    await Promise.all(this.containers.map((container) => container.start()));
    await this.waitUntilReady();
  }

  /** Stops all containers. @param gracePeriod seconds until SIGKILL, instead of the grace period in the manifest */
  async stop(gracePeriod?: number): Promise<void> {
    await Promise.all(this.containers.map((container) => container.stop(gracePeriod)));
  }

  /**
   * Waits until the readiness probes of all containers succeed. A container without a readiness probe is ready
   * immediately.
   */
  async waitUntilReady(): Promise<void> {
    for (const spec of this.template.spec.containers) {
      const { logs } = this.container(spec.name);
      await eventually(
        () =>
          `container ${spec.name} of ${this.name} is ready; its last output:\n${logs.slice(-5).join('\n')}`,
        () => this.isReady(spec),
      );
    }
  }

  private async isReady(spec: ContainerSpec): Promise<boolean> {
    const { httpGet, exec } = spec.readinessProbe ?? {};
    if (exec) return (await this.container(spec.name).exec(...exec.command)).code === 0;
    return !httpGet || (await request(this.network, this.probeUrl(spec, httpGet))).status === 200;
  }

  private probeUrl({ ports = [] }: ContainerSpec, { path, port }: HttpGet): string {
    const number = ports.find(({ name }) => name === port)?.containerPort ?? port;
    return `http://${this.address}:${number}${path}`;
  }

  private createContainer(spec: ContainerSpec): Container {
    const { props, network } = this;
    const sandbox = this.sandbox(spec);
    const env = containerEnvironment(spec, this.fields, this.ownVariables(sandbox), props.lookup);
    const limit = spec.resources?.limits?.memory;
    const command = [
      ...(spec.command ?? sandbox.image.entrypoint),
      ...(spec.args ?? (spec.command ? [] : (sandbox.image.arguments ?? []))),
    ];
    return new Container({
      name: spec.name,
      sandbox,
      network,
      env,
      memory: new MemoryLimit(`${props.id}-${spec.name}`, limit ? bytes(limit) : undefined, props.cleanup),
      command: command.map((word) => expand(word, env)),
      gracePeriod: props.template.spec.terminationGracePeriodSeconds ?? 30,
    });
  }

  private sandbox(container: ContainerSpec): Sandbox {
    const { props, files } = this;
    const pod = props.template.spec;
    const image = imageOf(container.image);
    return {
      image,
      imageRoot: props.images.root(image),
      hostname: pod.hostNetwork ? props.node.name : props.name,
      mounts: files.mounts(container),
      pod,
      container,
    };
  }

  /** Fields for the downward API. */
  private get fields(): Record<string, string> {
    const { name, namespace, node } = this.props;
    return {
      'metadata.name': name,
      'metadata.namespace': namespace,
      'spec.nodeName': node.name,
      'status.hostIP': node.address,
      'status.podIP': this.address,
    };
  }

  private ownVariables({ hostname }: Sandbox): Record<string, string> {
    const { apiServer } = this.props;
    const service = apiServer && {
      KUBERNETES_SERVICE_HOST: apiServer.host,
      KUBERNETES_SERVICE_PORT: `${apiServer.port}`,
    };
    return { PATH, HOSTNAME: hostname, ...service };
  }
}
