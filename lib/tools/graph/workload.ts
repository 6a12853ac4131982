import { isOnEdge } from '../synthesis/edge-nodes';
import { podOf } from '../synthesis/pods';
import type { RenderedObject } from '../synthesis/render';

type Manifest = RenderedObject['manifest'];

/** What runs, and everything that tells it what to do. */
export interface Workload {
  /** Namespace and name. */
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  /** Labels of its pods, which Services select. */
  readonly labels: Readonly<Record<string, string>>;
  /** Which nodes it runs on. */
  readonly nodes: 'edge' | 'each cloud node' | 'cloud';
  /** Groups of edge nodes, as its affinity names them. @default - all that no other group has */
  readonly group?: string;
  /** Programs, by the names of their images. */
  readonly programs: readonly string[];
  /** Ports of its node. */
  readonly ports: readonly number[];
  /** Arguments and variables, and the files of the ConfigMaps that it mounts, without programs. */
  readonly texts: readonly string[];
}

/** The workloads among these objects, in their order. */
export function workloadsOf(objects: readonly RenderedObject[]): Workload[] {
  return objects
    .filter(({ manifest }) => podOf(manifest))
    .map((object) => workloadOf(object, objects))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
}

function workloadOf(object: RenderedObject, objects: readonly RenderedObject[]): Workload {
  const { kind, metadata, spec } = object.manifest;
  const pod = podOf(object.manifest);
  const containers: Manifest[] = pod.containers;
  const whole = kind === 'DaemonSet' ? 'each cloud node' : 'cloud';
  return {
    id: `${metadata.namespace}/${metadata.name}`,
    name: metadata.name,
    namespace: metadata.namespace,
    labels: spec.template?.metadata?.labels ?? {},
    nodes: isOnEdge(object) ? 'edge' : whole,
    group: groupOf(pod),
    programs: containers.map(({ image }) => programOf(image)),
    ports: containers.flatMap(({ ports = [] }) => ports.flatMap(({ hostPort }: Manifest) => hostPort ?? [])),
    texts: [...containers.map(ownText), ...mountedFiles(pod, metadata.namespace, objects)],
  };
}

/** Names of files with code, which holds no addresses; configuration does. */
const PROGRAM = /\.(c?js|mjs|sh|awk|lua)$/;

/** `node-exporter` of `quay.io/prometheus/node-exporter:v1.12.1`. */
const programOf = (image: string): string => /([^/:@]+)(?::[^/]*|@.*)?$/.exec(image)?.[1] ?? image;

function ownText({ command = [], args = [], env = [] }: Manifest): string {
  const variables = env.map(({ name, value = '' }: Manifest) => `${name}=${value}`);
  return [...command, ...args, ...variables].join('\n');
}

function mountedFiles(
  { volumes = [] }: Manifest,
  namespace: string,
  objects: readonly RenderedObject[],
): string[] {
  const names = volumes.map(({ configMap }: Manifest) => configMap?.name).filter(Boolean);
  return objects
    .filter(({ manifest: { kind } }) => kind === 'ConfigMap')
    .filter(({ manifest: { metadata } }) => metadata.namespace === namespace && names.includes(metadata.name))
    .flatMap(({ manifest }) => Object.entries<string>(manifest.data ?? {}))
    .flatMap(([name, text]) => (PROGRAM.test(name) ? [] : text));
}

/** The values of labels by which only some nodes are chosen, beside their architecture. */
function groupOf({ affinity, nodeSelector = {} }: Manifest): string | undefined {
  const terms: Manifest[] =
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const chosen = terms
    .flatMap(({ matchExpressions = [] }) => matchExpressions)
    .filter(({ key, operator }: Manifest) => operator === 'In' && !key.startsWith('kubernetes.io/'))
    .flatMap(({ values }: Manifest) => values);
  const values = new Set([...chosen, ...Object.values<string>(nodeSelector)]);
  return values.size ? [...values].join(', ') : undefined;
}
