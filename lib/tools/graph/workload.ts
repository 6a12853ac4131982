import { isEdgeWorkload } from '../synthesis/edge-nodes';
import { podSpecOfManifest } from '../synthesis/pods';
import type { RenderedObject } from '../synthesis/render';

type Manifest = RenderedObject['manifest'];

/** A workload with the configuration of its programs. */
export interface Workload {
  /** Namespace and name of the workload. */
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  /** Labels of the pods. Services select the pods by these labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** The nodes that the workload runs on. `cloud`: Kubernetes chooses cloud nodes for the replicas. */
  readonly nodes: 'edge' | 'each cloud node' | 'cloud';
  /** Names of the node groups that the workload selects, joined with commas. @default - the workload selects no node group */
  readonly group?: string;
  /** Names of the images of the containers, such as `node-exporter`. */
  readonly programs: readonly string[];
  /** Host ports of the containers. */
  readonly ports: readonly number[];
  /** Texts in which the graph finds addresses: arguments, environment variables and mounted configuration files. */
  readonly texts: readonly string[];
}

/** Returns the workloads in a synthesis, sorted by namespace and name. */
export function findWorkloads(objects: readonly RenderedObject[]): Workload[] {
  return objects
    .filter(({ manifest }) => podSpecOfManifest(manifest))
    .map((object) => toGraphWorkload(object, objects))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
}

function toGraphWorkload(object: RenderedObject, objects: readonly RenderedObject[]): Workload {
  const { kind, metadata, spec } = object.manifest;
  const pod = podSpecOfManifest(object.manifest);
  const containers: Manifest[] = pod.containers;
  const whole = kind === 'DaemonSet' ? 'each cloud node' : 'cloud';
  return {
    id: `${metadata.namespace}/${metadata.name}`,
    name: metadata.name,
    namespace: metadata.namespace,
    labels: spec.template?.metadata?.labels ?? {},
    nodes: isEdgeWorkload(object) ? 'edge' : whole,
    group: formatNodeGroupsOfPod(pod),
    programs: containers.map(({ image }) => programNameOfImage(image)),
    ports: containers.flatMap(({ ports = [] }) => ports.flatMap(({ hostPort }: Manifest) => hostPort ?? [])),
    texts: [
      ...containers.map(commandAndVariablesText),
      ...mountedConfigurationTexts(pod, metadata.namespace, objects),
    ],
  };
}

/** Matches the names of program files. The texts of program files are not searched for addresses. */
const PROGRAM_FILE = /\.(c?js|mjs|sh|awk|lua)$/;

/** Returns the last part of an image's name: `node-exporter` for `quay.io/prometheus/node-exporter:v1.12.1`. */
const programNameOfImage = (image: string): string => /([^/:@]+)(?::[^/]*|@.*)?$/.exec(image)?.[1] ?? image;

function commandAndVariablesText({ command = [], args = [], env = [] }: Manifest): string {
  const variables = env.map(({ name, value = '' }: Manifest) => `${name}=${value}`);
  return [...command, ...args, ...variables].join('\n');
}

function mountedConfigurationTexts(
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

/**
 * Returns the names of the node groups that a workload selects, separated by commas: the values in its node affinity
 * and node selector, without the architecture. Returns `undefined` if the workload selects no group.
 */
function formatNodeGroupsOfPod({ affinity, nodeSelector = {} }: Manifest): string | undefined {
  const terms: Manifest[] =
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const chosen = terms
    .flatMap(({ matchExpressions = [] }) => matchExpressions)
    .filter(({ key, operator }: Manifest) => operator === 'In' && !key.startsWith('kubernetes.io/'))
    .flatMap(({ values }: Manifest) => values);
  const values = new Set([...chosen, ...Object.values<string>(nodeSelector)]);
  return values.size ? [...values].join(', ') : undefined;
}
