import { type Existing, listed } from '../process/kubectl';
import { isOnEdge } from '../synthesis/edge-nodes';
import { type Check, some, unique } from './examination';
import { type Found, ok, warning } from './finding';

/** Whether pods of the edge have the ConfigMaps and Secrets that they mount; before they are applied there is nothing to say. */
export const edgePods: Check = {
  name: 'edge pods',
  look: async ({ kubectl, objects }) => {
    const namespaces = unique(
      objects
        .filter((object) => object.manifest.kind === 'DaemonSet' && isOnEdge(object))
        .map(({ manifest }) => String(manifest.metadata.namespace)),
    );
    const found: Found[] = [];
    for (const namespace of namespaces) {
      found.push(...judged(namespace, await listed(kubectl, 'pods', '--namespace', namespace)));
    }
    return found;
  },
};

function judged(namespace: string, pods: readonly Existing[]): Found[] {
  if (!pods.length) return [];
  const waiting = pods.filter(waits);
  if (!waiting.length) return [ok(`none in ${namespace} waits for a ConfigMap or Secret`)];
  const names = some(waiting.map(({ metadata, spec }) => `${metadata.name} on ${spec.nodeName}`).sort());
  return [
    warning(
      `pods in ${namespace} wait for a ConfigMap or Secret: ${names}`,
      `kubectl logs -n ${namespace} POD -c wait-for-files names it; what exists arrives within two minutes of a connection`,
    ),
  ];
}

const waits = ({ status }: Existing): boolean =>
  (status?.initContainerStatuses ?? []).some(
    ({ name, state }: Existing) => name === 'wait-for-files' && state?.running !== undefined,
  );
