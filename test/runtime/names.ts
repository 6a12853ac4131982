import { POD_NAME_LABEL } from '../../lib/core/labels';
import type { Manifest } from '../support/manifests';
import type { Pod } from './pod';

/** Content of a pod's /etc/hosts, which replaces DNS. */
export interface Names {
  /** Names of the public Internet, which every pod knows, with their addresses. */
  readonly public: ReadonlyMap<string, string>;
  readonly services: readonly Manifest[];
  readonly pods: readonly Pod[];
  /** The address that a Service without pods will lead to: a name resolves before there are pods. */
  readonly reserved: (service: Manifest) => string | undefined;
}

/**
 * Names that a pod can resolve: the public ones, and those of Services unless its `dnsPolicy` is `Default` or it uses
 * the host network, for which a kubelet configures the DNS of the node.
 */
export function hostsFile(pod: Pod, names: Names): string {
  const { hostNetwork, dnsPolicy } = pod.template.spec;
  const clusterFirst = !hostNetwork && dnsPolicy !== 'Default';
  const lines = [
    '127.0.0.1 localhost',
    `${pod.address} ${hostNetwork ? pod.node.name : pod.name}`,
    ...[...names.public].map(([name, address]) => `${address} ${name}`),
    ...(clusterFirst ? names.services.flatMap((service) => serviceLines(service, pod.namespace, names)) : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** The pods that a Service selects. */
export function endpoints(service: Manifest, pods: readonly Pod[]): Pod[] {
  return pods.filter(
    ({ name, namespace, template }) =>
      namespace === service.metadata.namespace &&
      selects(service.spec.selector, { ...template.metadata.labels, [POD_NAME_LABEL]: name }),
  );
}

/** Whether a Service's selector matches the labels of a pod. */
export function selects(
  selector: Readonly<Record<string, string>> = {},
  labels: Readonly<Record<string, string>> = {},
): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

function serviceLines(service: Manifest, fromNamespace: string, { pods, reserved }: Names): string[] {
  const { name, namespace = '' } = service.metadata;
  const path = `${name}.${namespace}`;
  const short = namespace === fromNamespace ? [name] : [];
  const all = [...short, path, `${path}.svc`, `${path}.svc.cluster.local`];
  const lines = endpoints(service, pods).map((pod) => {
    const own = `${pod.name}.${path}`;
    return `${pod.address} ${[...all, `${own}.svc`, `${own}.svc.cluster.local`].join(' ')}`;
  });
  const later = reserved(service);
  return lines.length || !later ? lines : [`${later} ${all.join(' ')}`];
}

/**
 * A name leads straight to a pod: without address translation, a Service's port must be the pod's own.
 *
 * @throws Error that names the Service which maps one port to another.
 */
export function verifyPorts(service: Manifest, pod: Pod): void {
  if (!endpoints(service, [pod]).length) return;
  const ports = pod.template.spec.containers.flatMap((container) => container.ports ?? []);
  for (const { port, targetPort = port } of service.spec.ports) {
    const target = ports.find(({ name }) => name === targetPort)?.containerPort ?? targetPort;
    if (target === port) continue;
    const { name } = service.metadata;
    throw new Error(`Service ${name} maps port ${port} to ${target}: the test runtime needs them equal`);
  }
}
