import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { PushClientOptions } from '../contracts/metrics-sink';
import { dnsLabel, labelValue } from './option-rules';
import { type OptionTable, validateAndApplyDefaults } from './option-table';
import { optionError, type Rule, validateOptions } from './validation';

interface Named {
  readonly name: string;
}

interface PodSpec {
  readonly containers: (Named & { env?: Named[]; volumeMounts?: Named[] })[];
  readonly hostNetwork?: boolean;
  volumes?: Named[];
}

/** The volumes, volume mounts and environment variables that a container needs to push metrics. */
export interface Connection {
  /** Volumes to add to the pod. */
  readonly volumes: readonly Named[];
  /** Volume mounts to add to the container. */
  readonly mounts: readonly Named[];
  /** Environment variables to add to the container. */
  readonly env: readonly Named[];
}

/** Validation rules of the options of `PushClientOptions`. */
export const PUSH_CLIENT_OPTIONS = {
  container: { rule: dnsLabel, default: undefined },
  group: { rule: labelValue, default: undefined },
} satisfies OptionTable<PushClientOptions>;

/** Mount path of the user name and password in the container of a workload that pushes metrics. */
export const PUSH_CREDENTIALS_DIR = '/etc/pushgateway/credentials';

/** Returns the volume and the volume mount for the Secret with user name and password. */
export const volumeAndMountOfPushCredentials = (secretName: string) => ({
  volume: { name: 'push-credentials', secret: { secretName } },
  mount: { name: 'push-credentials', mountPath: PUSH_CREDENTIALS_DIR, readOnly: true },
});

const construct: Rule = {
  allowed: 'a Deployment, StatefulSet, DaemonSet or Job',
  accepts: (value) => Construct.isConstruct(value),
};

/**
 * Returns the Kubernetes object of a workload that pushes metrics.
 * @throws InvalidOptionError when the construct has no Kubernetes object, or when an option is invalid.
 */
export function requireKubernetesObjectOfWorkload(
  workload: Construct,
  options: PushClientOptions,
): ApiObject {
  validateOptions('connect', { workload: [workload ?? null, construct] });
  validateAndApplyDefaults(workload, options, PUSH_CLIENT_OPTIONS);
  try {
    return ApiObject.of(workload);
  } catch {
    throw optionError(
      workload,
      `the construct does not create a Kubernetes object; allowed: ${construct.allowed}`,
    );
  }
}

/** Returns whether the pods of an object use the host network, according to the current state of the object. */
export const usesHostNetwork = (workload: Construct, object: ApiObject): boolean =>
  requirePodSpec(workload, object.toJson()).hostNetwork === true;

/**
 * Adds the volumes, mounts and environment variables of a connection to a container. The pod template is changed when
 * the manifest is rendered, so that workloads can be L1 or L2 constructs, with or without JSON patches.
 * @param connectionOf returns the connection, depending on whether the pods use the host network
 * @throws InvalidOptionError at synthesis in these cases:
 * - the workload has no pod template, or no container with the given name
 * - the pod already has a volume, mount or environment variable of the same name
 */
export function addPushConnectionToPods(
  workload: Construct,
  object: ApiObject,
  { container: name }: PushClientOptions,
  connectionOf: (isOnHostNetwork: boolean) => Connection,
): void {
  const render = object.toJson.bind(object);
  object.toJson = () => {
    const manifest = render();
    const spec = requirePodSpec(workload, manifest);
    addPushConnectionToContainer(workload, spec, name, connectionOf(spec.hostNetwork === true));
    return manifest;
  };
}

function requirePodSpec(
  workload: Construct,
  manifest: { kind: string; spec?: { template?: { spec?: PodSpec } } },
): PodSpec {
  const spec = manifest.spec?.template?.spec;
  if (!spec?.containers?.length) {
    throw optionError(
      workload,
      `the ${manifest.kind} has no pod template with containers that could push metrics; allowed: a Deployment, StatefulSet, DaemonSet or Job with at least one container`,
    );
  }
  return spec;
}

function addPushConnectionToContainer(
  workload: Construct,
  spec: PodSpec,
  named: string | undefined,
  connection: Connection,
): void {
  const container = spec.containers.find(({ name }) => name === (named ?? name));
  if (!container) {
    const names = spec.containers.map(({ name }) => name).join(', ');
    throw optionError(workload, `the container ${JSON.stringify(named)} does not exist; allowed: ${names}`);
  }
  if (connection.volumes.length)
    spec.volumes = appendOrThrowOnNameClash(workload, spec.volumes, connection.volumes);
  if (connection.mounts.length) {
    container.volumeMounts = appendOrThrowOnNameClash(workload, container.volumeMounts, connection.mounts);
  }
  container.env = appendOrThrowOnNameClash(workload, container.env, connection.env);
}

function appendOrThrowOnNameClash(
  workload: Construct,
  existing: Named[] = [],
  added: readonly Named[],
): Named[] {
  const clash = added.find(({ name }) => existing.some((one) => one.name === name));
  if (clash)
    throw optionError(
      workload,
      `the pod already has a volume, mount or environment variable named ${clash.name}: rename it; if connect() is called several times for this workload, call it only once`,
    );
  return [...existing, ...added];
}
