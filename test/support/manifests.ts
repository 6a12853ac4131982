import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type * as k8s from 'cdk8s-plus-25/lib/imports/k8s';
import { parse, parseAllDocuments } from 'yaml';
import type { RenderedObject } from '../../lib/tools/synthesis/render';

/** A Kubernetes object as a manifest holds it. */
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

/** A container as a manifest holds it. */
export type ManifestContainer = k8s.Container & {
  readonly resources: { requests: Record<string, string>; limits: Record<string, string> };
};

const WORKLOADS = ['DaemonSet', 'Deployment', 'StatefulSet'];

/** Every object below a folder of manifests. */
export function loadManifests(folder: string): Manifest[] {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .flatMap((path) =>
      statSync(path).isDirectory() ? loadManifests(path) : parseManifests(readFileSync(path, 'utf8')),
    );
}

/** JSON of the manifests that were parsed, by their YAML: parsing YAML takes twenty times as long. */
const parsed = new Map<string, string>();

/** Returns the manifests of a YAML file, as objects of the caller. */
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

/** The objects of an environment that was written to a folder, as its synthesis rendered them. */
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

/** The objects that run pods. */
export const workloads = (objects: readonly Manifest[]): Manifest[] =>
  objects.filter(({ kind }) => WORKLOADS.includes(kind));

/** The pod that a workload runs. */
export const podOf = (workload: Manifest) => workload.spec.template.spec;

/** Every container of a workload. */
export const containersOf = (workload: Manifest): ManifestContainer[] => [
  ...(podOf(workload).initContainers ?? []),
  ...podOf(workload).containers,
];

/** Returns containers that run concurrently, after the init containers have ended. */
export const runningContainersOf = (workload: Manifest): ManifestContainer[] => podOf(workload).containers;

/** Whether a workload is kept on edge nodes. */
export const runsOnEdge = (workload: Manifest): boolean =>
  JSON.stringify(podOf(workload).affinity ?? {}).includes(
    '{"key":"node-role.kubernetes.io/edge","operator":"Exists"}',
  );

/**
 * The one object of a kind and, where there are several, of a name.
 *
 * @throws Error when there is none, or more than one.
 */
export function findOnly(objects: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = objects.filter(
    (one) => one.kind === kind && (name ?? one.metadata.name) === one.metadata.name,
  );
  if (found.length !== 1 || !found[0]) {
    throw new Error(`${found.length} objects of kind ${kind}${name ? ` and name ${name}` : ''}`);
  }
  return found[0];
}

/** Every pair of field and value in an object, at any depth. */
export function allFields(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, held]) => [
    [key, held] as [string, unknown],
    ...allFields(held),
  ]);
}

/** The arguments of a workload's first container. */
export const containerArgs = (objects: readonly Manifest[], kind = 'StatefulSet'): string[] =>
  containersOf(findOnly(objects, kind))[0]?.args ?? [];

/** A file of a ConfigMap. */
export const configFile = (objects: readonly Manifest[], config: string, file: string): string =>
  findOnly(objects, 'ConfigMap', config).data[file];
