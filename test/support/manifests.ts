import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type * as k8s from 'cdk8s-plus-25/lib/imports/k8s';
import { parse, parseAllDocuments } from 'yaml';
import type { RenderedObject } from '../../lib/tools/synthesis/render';

/** A Kubernetes object in a manifest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: tests look into fields of every kind
  readonly spec?: any;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into fields of every kind
  readonly [field: string]: any;
}

/** A container in a manifest. */
export type ManifestContainer = k8s.Container & {
  readonly resources: { requests: Record<string, string>; limits: Record<string, string> };
};

const WORKLOADS = ['DaemonSet', 'Deployment', 'StatefulSet'];

/** Returns all objects in the files below a folder. */
export function loadManifests(folder: string): Manifest[] {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .flatMap((path) =>
      statSync(path).isDirectory() ? loadManifests(path) : parseManifests(readFileSync(path, 'utf8')),
    );
}

/** Parsed manifests as JSON, by the YAML text. Parsing YAML takes twenty times as long as parsing JSON. */
const parsed = new Map<string, string>();

/** Returns the manifests of a YAML text. Each call returns new objects, which the caller may change. */
function parseManifests(yaml: string): Manifest[] {
  const known = parsed.get(yaml);
  if (known !== undefined) return JSON.parse(known);
  const documents = parseAllDocuments(yaml);
  const errors = documents.flatMap((document) => document.errors);
  if (errors[0]) throw errors[0];
  const manifests = documents.map((document) => document.toJS());
  parsed.set(yaml, JSON.stringify(manifests));
  return manifests;
}

/** Returns the objects in a folder to which an environment was written, as the synthesis rendered them. */
export const loadRendered = (folder: string): RenderedObject[] =>
  readdirSync(folder)
    .sort()
    .flatMap((chart) =>
      readdirSync(join(folder, chart))
        .sort()
        .map((file) => {
          const yaml = readFileSync(join(folder, chart, file), 'utf8');
          return { chart, file, yaml, manifest: parse(yaml) };
        }),
    );

/** Returns the objects that run pods: DaemonSets, Deployments and StatefulSets. */
export const workloads = (objects: readonly Manifest[]): Manifest[] =>
  objects.filter(({ kind }) => WORKLOADS.includes(kind));

/** Returns the pod spec of a workload. */
export const podOf = (workload: Manifest) => workload.spec.template.spec;

/** Returns all containers of a workload: first the init containers, then the others. */
export const containersOf = (workload: Manifest): ManifestContainer[] => [
  ...(podOf(workload).initContainers ?? []),
  ...podOf(workload).containers,
];

/** Returns the containers of a workload that run concurrently, without init containers. */
export const runningContainersOf = (workload: Manifest): ManifestContainer[] => podOf(workload).containers;

/** Returns whether node affinity keeps a workload on edge nodes. */
export const runsOnEdge = (workload: Manifest): boolean =>
  JSON.stringify(podOf(workload).affinity ?? {}).includes(
    '{"key":"node-role.kubernetes.io/edge","operator":"Exists"}',
  );

/**
 * Returns the object of a kind, and of a name if one is given.
 * @throws Error if there is no such object, or more than one
 */
export function findOnly(objects: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = objects.filter(
    (one) => one.kind === kind && (name ?? one.metadata.name) === one.metadata.name,
  );
  if (found.length !== 1 || !found[0]) {
    throw new Error(`expected one ${kind}${name ? ` with the name ${name}` : ''}, got ${found.length}`);
  }
  return found[0];
}

/** Returns all pairs of a field and its value in an object, at any depth. */
export function allFields(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, held]) => [
    [key, held] as [string, unknown],
    ...allFields(held),
  ]);
}

/**
 * Returns the arguments of the first container of a workload.
 * @throws Error if there is no object of this kind, or more than one
 */
export const containerArgs = (objects: readonly Manifest[], kind = 'StatefulSet'): string[] =>
  containersOf(findOnly(objects, kind))[0]?.args ?? [];

/** Returns the text of a file in a ConfigMap. @param config name of the ConfigMap */
export const configFile = (objects: readonly Manifest[], config: string, file: string): string =>
  findOnly(objects, 'ConfigMap', config).data[file];
