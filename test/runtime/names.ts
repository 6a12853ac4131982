import { POD_NAME_LABEL } from '../../lib/core/labels';
import type { Manifest } from '../support/manifests';
import type { Pod } from './pod';

/** Names that pods can resolve. Each pod has them in /etc/hosts, because there is no DNS. */
export interface Names {
  /** Public host names, with their addresses. Every pod can resolve them. */
  readonly public: ReadonlyMap<string, string>;
  readonly services: readonly Manifest[];
  readonly pods: readonly Pod[];
  /**
   * Returns the address that the first pod of a Service will have, so that the name of a Service resolves before it has
   * pods. Returns `undefined` if no workload matches the Service.
   */
  readonly reserved: (service: Manifest) => string | undefined;
}

/**
 * Renders /etc/hosts of a pod, with public names and names of Services. Names of Services are left out if the pod uses
 * the host network or `dnsPolicy: Default`, because a kubelet then configures the DNS of the node.
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

/** Returns the pods that a Service selects. */
export function selectPods(service: Manifest, pods: readonly Pod[]): Pod[] {
  return pods.filter(
    ({ name, namespace, template }) =>
      namespace === service.metadata.namespace &&
      matchesSelector(service.spec.selector, { ...template.metadata.labels, [POD_NAME_LABEL]: name }),
  );
}

/** Returns whether a selector matches the labels of a pod. */
export function matchesSelector(
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
  const lines = selectPods(service, pods).map((pod) => {
    const own = `${pod.name}.${path}`;
    return `${pod.address} ${[...all, `${own}.svc`, `${own}.svc.cluster.local`].join(' ')}`;
  });
  const later = reserved(service);
  return lines.length || !later ? lines : [`${later} ${all.join(' ')}`];
}

/**
 * Verifies the ports of a Service. The name of a Service resolves to a pod directly, so the port of the Service must be
 * the port of the pod.
 * @throws Error if they differ
 */
export function verifyPorts(service: Manifest, pod: Pod): void {
  if (!selectPods(service, [pod]).length) return;
  const ports = pod.template.spec.containers.flatMap((container) => container.ports ?? []);
  for (const { port, targetPort = port } of service.spec.ports) {
    const target = ports.find(({ name }) => name === targetPort)?.containerPort ?? targetPort;
    if (target === port) continue;
    const { name } = service.metadata;
    throw new Error(
      `Service ${name} maps port ${port} to ${target}: the test runtime does not translate addresses, so both ports must be equal`,
    );
  }
}
