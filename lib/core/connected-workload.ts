import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { PushClientOptions } from '../contracts/metrics-sink';
import { dnsLabel, labelValue } from './option-rules';
import { type OptionTable, optionsOf } from './option-table';
import { invalid, type Rule, verify } from './validation';

interface Named {
  readonly name: string;
}

interface PodSpec {
  readonly containers: (Named & { env?: Named[]; volumeMounts?: Named[] })[];
  readonly hostNetwork?: boolean;
  volumes?: Named[];
}

/** Volumes, mounts and environment variables of a connected container. */
export interface Connection {
  readonly volumes: readonly Named[];
  readonly mounts: readonly Named[];
  readonly env: readonly Named[];
}

/** The options of a workload that pushes by itself. */
export const PUSH_CLIENT_OPTIONS = {
  container: { rule: dnsLabel, default: undefined },
  group: { rule: labelValue, default: undefined },
} satisfies OptionTable<PushClientOptions>;

/** Folder in which a workload that pushes finds its user and password. */
export const PUSH_CREDENTIALS_DIR = '/etc/pushgateway/credentials';

/** The Secret with user and password, as a workload that pushes mounts it. */
export const pushCredentials = (secretName: string) => ({
  volume: { name: 'push-credentials', secret: { secretName } },
  mount: { name: 'push-credentials', mountPath: PUSH_CREDENTIALS_DIR, readOnly: true },
});

const construct: Rule = {
  allowed: 'a Deployment, StatefulSet, DaemonSet or Job',
  accepts: (value) => Construct.isConstruct(value),
};

/** @throws InvalidOptionError when it is no object of Kubernetes, or an option is not allowed. */
export function connectableObject(workload: Construct, options: PushClientOptions): ApiObject {
  verify('connect', { workload: [workload ?? null, construct] });
  optionsOf(workload, options, PUSH_CLIENT_OPTIONS);
  try {
    return ApiObject.of(workload);
  } catch {
    throw invalid(workload, `it is not a Kubernetes object; allowed: ${construct.allowed}`);
  }
}

/** Returns whether pods of an object use the host network, by its specification so far. */
export const isOnHostNetwork = (workload: Construct, object: ApiObject): boolean =>
  podSpecOf(workload, object.toJson()).hostNetwork === true;

/**
 * Adds volumes, mounts and variables of the connection to a container. They are added to the rendered manifest, so that
 * this works for L1, L2 and patched objects alike.
 * @throws InvalidOptionError, at synthesis, when the workload has no pod template or no such container, or when one of the variables
 * or volumes is there already.
 */
export function patchConnectedPods(
  workload: Construct,
  object: ApiObject,
  { container: name }: PushClientOptions,
  connectionOf: (isOnHostNetwork: boolean) => Connection,
): void {
  const render = object.toJson.bind(object);
  object.toJson = () => {
    const manifest = render();
    const spec = podSpecOf(workload, manifest);
    addConnection(workload, spec, name, connectionOf(spec.hostNetwork === true));
    return manifest;
  };
}

function podSpecOf(
  workload: Construct,
  manifest: { kind: string; spec?: { template?: { spec?: PodSpec } } },
): PodSpec {
  const spec = manifest.spec?.template?.spec;
  if (!spec?.containers?.length) {
    throw invalid(
      workload,
      `a ${manifest.kind} cannot push: connect a Deployment, StatefulSet, DaemonSet or Job with at least one container`,
    );
  }
  return spec;
}

function addConnection(
  workload: Construct,
  spec: PodSpec,
  named: string | undefined,
  connection: Connection,
): void {
  const container = spec.containers.find(({ name }) => name === (named ?? name));
  if (!container) {
    const names = spec.containers.map(({ name }) => name).join(', ');
    throw invalid(workload, `container ${JSON.stringify(named)} does not exist; containers: ${names}`);
  }
  if (connection.volumes.length) spec.volumes = mergeNamed(workload, spec.volumes, connection.volumes);
  if (connection.mounts.length) {
    container.volumeMounts = mergeNamed(workload, container.volumeMounts, connection.mounts);
  }
  container.env = mergeNamed(workload, container.env, connection.env);
}

function mergeNamed(workload: Construct, existing: Named[] = [], added: readonly Named[]): Named[] {
  const clash = added.find(({ name }) => existing.some((one) => one.name === name));
  if (clash)
    throw invalid(
      workload,
      `${clash.name} already exists: a container can only be connected to one Pushgateway`,
    );
  return [...existing, ...added];
}
