import { isOnEdge } from '../synthesis/edge-nodes';
import { podSpecOfManifest } from '../synthesis/pods';
import type { RenderedObject } from '../synthesis/render';

type Manifest = RenderedObject['manifest'];

/** A workload with its configuration. */
export interface Workload {
  /** Namespace and name. */
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  /** Labels of its pods, which Services select. */
  readonly labels: Readonly<Record<string, string>>;
  /** The nodes that it runs on. */
  readonly nodes: 'edge' | 'each cloud node' | 'cloud';
  /** Node groups in its affinity. @default - all nodes without a group of their own */
  readonly group?: string;
  /** Programs, by the names of their images. */
  readonly programs: readonly string[];
  /** Host ports. */
  readonly ports: readonly number[];
  /** Arguments, variables and mounted configuration files, without program files. */
  readonly texts: readonly string[];
}

/** Returns the workloads among some objects, in order. */
export function findWorkloads(objects: readonly RenderedObject[]): Workload[] {
  return objects
    .filter(({ manifest }) => podSpecOfManifest(manifest))
    .map((object) => createWorkload(object, objects))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
}

function createWorkload(object: RenderedObject, objects: readonly RenderedObject[]): Workload {
  const { kind, metadata, spec } = object.manifest;
  const pod = podSpecOfManifest(object.manifest);
  const containers: Manifest[] = pod.containers;
  const whole = kind === 'DaemonSet' ? 'each cloud node' : 'cloud';
  return {
    id: `${metadata.namespace}/${metadata.name}`,
    name: metadata.name,
    namespace: metadata.namespace,
    labels: spec.template?.metadata?.labels ?? {},
    nodes: isOnEdge(object) ? 'edge' : whole,
    group: nodeGroupText(pod),
    programs: containers.map(({ image }) => programName(image)),
    ports: containers.flatMap(({ ports = [] }) => ports.flatMap(({ hostPort }: Manifest) => hostPort ?? [])),
    texts: [...containers.map(commandText), ...mountedFileTexts(pod, metadata.namespace, objects)],
  };
}

/** Names of program files, which contain no addresses. */
const PROGRAM_FILE = /\.(c?js|mjs|sh|awk|lua)$/;

/** Returns `node-exporter` for `quay.io/prometheus/node-exporter:v1.12.1`. */
const programName = (image: string): string => /([^/:@]+)(?::[^/]*|@.*)?$/.exec(image)?.[1] ?? image;

function commandText({ command = [], args = [], env = [] }: Manifest): string {
  const variables = env.map(({ name, value = '' }: Manifest) => `${name}=${value}`);
  return [...command, ...args, ...variables].join('\n');
}

function mountedFileTexts(
  { volumes = [] }: Manifest,
  namespace: string,
  objects: readonly RenderedObject[],
): string[] {
  const names = volumes.map(({ configMap }: Manifest) => configMap?.name).filter(Boolean);
  return objects
    .filter(({ manifest: { kind } }) => kind === 'ConfigMap')
    .filter(({ manifest: { metadata } }) => metadata.namespace === namespace && names.includes(metadata.name))
    .flatMap(({ manifest }) => Object.entries<string>(manifest.data ?? {}))
    .flatMap(([name, text]) => (PROGRAM_FILE.test(name) ? [] : text));
}

/** Returns the label values by which a workload selects nodes, except for the architecture. */
function nodeGroupText({ affinity, nodeSelector = {} }: Manifest): string | undefined {
  const terms: Manifest[] =
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const chosen = terms
    .flatMap(({ matchExpressions = [] }) => matchExpressions)
    .filter(({ key, operator }: Manifest) => operator === 'In' && !key.startsWith('kubernetes.io/'))
    .flatMap(({ values }: Manifest) => values);
  const values = new Set([...chosen, ...Object.values<string>(nodeSelector)]);
  return values.size ? [...values].join(', ') : undefined;
}
