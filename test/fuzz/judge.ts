import { createHash } from 'node:crypto';
import { App, Names } from 'cdk8s';
import { parse } from 'yaml';
import { InvalidOptionError, Platform } from '../../lib';
import { type RenderedObject, renderApp } from '../../lib/tools/synthesis/render';
import type { FuzzCase } from './cases';
import { Schemas } from './schemas';

/** Result of a case: it was refused, its manifests exist, or it is wrong. */
export type Verdict =
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'accepted'; readonly objects: readonly RenderedObject[] }
  | { readonly kind: 'defect'; readonly problem: string };

/** Manifests and their contents; equal contents are validated once. */
export class Judge {
  readonly schemas = new Schemas();
  private readonly seen = new Set<string>();

  /** Builds a case in memory: nothing is written anywhere. */
  verdict({ build }: FuzzCase): Verdict {
    try {
      const app = new App();
      build(app);
      const objects = renderApp(app);
      const minors = new Map(
        app.charts.map((chart) => [Names.toDnsLabel(chart), Platform.of(chart).kubernetesMinor]),
      );
      const problem = objects
        .map((one) => this.problem(one, minors.get(one.chart) ?? 22))
        .find((one) => one !== undefined);
      return problem ? { kind: 'defect', problem } : { kind: 'accepted', objects };
    } catch (error) {
      if (error instanceof InvalidOptionError && error.message.trim())
        return { kind: 'refused', message: error.message };
      return {
        kind: 'defect',
        problem: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      };
    }
  }

  private problem(object: RenderedObject, minor: number): string | undefined {
    const key = createHash('sha256').update(`${minor} ${object.yaml}`).digest('base64');
    if (this.seen.has(key)) return undefined;
    const problem = objectProblem(object) ?? this.schemas.problem(object.manifest, minor);
    if (problem === undefined) this.seen.add(key);
    return problem && `${object.file}: ${problem}`;
  }
}

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Values that the API server, or a YAML 1.1 parser such as kubectl's, would reject or read differently. */
function objectProblem({ manifest, yaml }: RenderedObject): string | undefined {
  if (JSON.stringify(parse(yaml, { version: '1.1' })) !== JSON.stringify(manifest))
    return 'YAML 1.1 reads something else';
  const { kind, metadata } = manifest;
  const named =
    kind.endsWith('Role') || kind.endsWith('RoleBinding')
      ? metadata.name !== ''
      : SUBDOMAIN.test(metadata.name);
  if (!named) return `metadata.name is ${JSON.stringify(metadata.name)}`;
  if (metadata.namespace !== undefined && !LABEL.test(metadata.namespace))
    return `namespace is ${metadata.namespace}`;
  const hole = holeIn(manifest, kind);
  if (hole) return hole;
  return podProblem(manifest.spec?.template?.spec, manifest.spec?.volumeClaimTemplates);
}

/** No field is null, no text has half a character, no number is none. */
function holeIn(value: unknown, path: string): string | undefined {
  if (value === null || (typeof value === 'number' && !Number.isFinite(value))) return `${path} is ${value}`;
  if (typeof value === 'string') return /\p{Cs}/u.test(value) ? `${path} has half a character` : undefined;
  if (typeof value !== 'object') return undefined;
  for (const [key, held] of Object.entries(value)) {
    const hole = holeIn(held, `${path}.${key}`);
    if (hole) return hole;
  }
  return undefined;
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly { readonly name: string }[];
}

interface Container {
  readonly name: string;
  readonly args?: readonly unknown[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

function podProblem(
  pod: PodSpec | undefined,
  claims: readonly { readonly metadata: { readonly name: string } }[] = [],
): string | undefined {
  if (!pod) return undefined;
  const containers = [...(pod.initContainers ?? []), ...pod.containers];
  const names = containers.map(({ name }) => name);
  if (new Set(names).size < names.length || !names.every((name) => LABEL.test(name)))
    return `containers are ${names.join(', ')}`;
  const volumes = [
    ...(pod.volumes ?? []).map(({ name }) => name),
    ...claims.map(({ metadata }) => metadata.name),
  ];
  if (new Set(volumes).size < volumes.length) return `volumes are ${volumes.join(', ')}`;
  for (const { name, args = [], volumeMounts = [] } of containers) {
    if (!args.every((argument) => typeof argument === 'string'))
      return `${name} has an argument that is no text`;
    const paths = volumeMounts.map(({ mountPath }) => mountPath);
    if (new Set(paths).size < paths.length) return `${name} mounts twice at one path: ${paths.join(', ')}`;
    const claimed = volumeMounts.find((mount) => !volumes.includes(mount.name));
    if (claimed) return `${name} mounts ${claimed.name}, and there is no such volume`;
  }
  return undefined;
}
