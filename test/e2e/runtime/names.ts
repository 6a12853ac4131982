import type { Manifest } from '../../support/manifests';
import type { Pod } from './pod';

/** What a pod's /etc/hosts says, in place of a DNS. */
export interface Names {
  /** Names of the public Internet, which every pod knows, with their addresses. */
  readonly public: ReadonlyMap<string, string>;
  readonly services: readonly Manifest[];
  readonly pods: readonly Pod[];
}

/**
 * The names that one pod can look up: the public ones, and those of Services unless its `dnsPolicy`
 * is `Default` or it is on the host's network, where a kubelet gives it the node's own DNS.
 */
export function hostsFile(pod: Pod, names: Names): string {
  const { hostNetwork, dnsPolicy } = pod.template.spec;
  const clusterFirst = !hostNetwork && dnsPolicy !== 'Default';
  const lines = [
    '127.0.0.1 localhost',
    `${pod.address} ${hostNetwork ? pod.node.name : pod.name}`,
    ...[...names.public].map(([name, address]) => `${address} ${name}`),
    ...(clusterFirst
      ? names.services.flatMap((service) => serviceLines(service, pod.namespace, names.pods))
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** The pods that a Service selects. */
export function endpoints(service: Manifest, pods: readonly Pod[]): Pod[] {
  const selector: Record<string, string> = service.spec.selector ?? {};
  return pods.filter(
    ({ namespace, template }) =>
      namespace === service.metadata.namespace &&
      Object.entries(selector).every(([key, value]) => template.metadata.labels?.[key] === value),
  );
}

function serviceLines(service: Manifest, fromNamespace: string, pods: readonly Pod[]): string[] {
  const { name, namespace = '' } = service.metadata;
  const path = `${name}.${namespace}`;
  return endpoints(service, pods).flatMap((pod) => {
    const short = namespace === fromNamespace ? [name] : [];
    const own = `${pod.name}.${path}`;
    const all = [...short, path, `${path}.svc`, `${path}.svc.cluster.local`];
    return `${pod.address} ${[...all, `${own}.svc`, `${own}.svc.cluster.local`].join(' ')}`;
  });
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
