import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { PublicEndpoint } from '../contracts/endpoint';
import type { PushClientOptions } from '../contracts/metrics-sink';
import { endpointOf } from '../core/groups';
import { dnsLabel, labelValue } from '../core/option-rules';
import { type OptionTable, optionsOf } from '../core/option-table';
import { caFileIn, caMounts } from '../core/private-ca';
import { requireCredentials } from '../core/required-secrets';
import { invalid, type Rule, verify } from '../core/validation';

const CREDENTIALS_DIR = '/etc/pushgateway/credentials';
const CA_DIR = '/etc/pushgateway/ca';

interface Named {
  readonly name: string;
}

interface PodSpec {
  readonly containers: (Named & { env?: Named[]; volumeMounts?: Named[] })[];
  volumes?: Named[];
}

/** The options of a workload that pushes by itself. */
export const PUSH_CLIENT_OPTIONS = {
  container: { rule: dnsLabel, default: undefined },
  group: { rule: labelValue, default: undefined },
} satisfies OptionTable<PushClientOptions>;

const construct: Rule = {
  allowed: 'a Deployment, StatefulSet, DaemonSet or Job',
  accepts: (value) => Construct.isConstruct(value),
};

/**
 * Gives a workload what it needs to push by itself: the address in `PUSHGATEWAY_URL`, the client's
 * credentials as files in the folder that `PUSHGATEWAY_CREDENTIALS_DIR` names, and the private
 * authority, where there is one, in `PUSHGATEWAY_CA_FILE`. Where several share the load, their number is in
 * `PUSHGATEWAY_SHARDS`, of which the program computes its own. Nothing secret is in the environment.
 *
 * It is added to the manifest as rendered, so that it works for L1, L2 and patched objects alike.
 *
 * @throws InvalidOptionError when the workload has no pod template or no such container, when one of the
 * variables or volumes is there already, or when the sink knows groups, and not the one that is named.
 */
export function connectPushClient(
  sink: PublicEndpoint,
  workload: Construct,
  given: PushClientOptions = {},
): void {
  verify('connect', { workload: [workload ?? null, construct] });
  const options = optionsOf(workload, given, PUSH_CLIENT_OPTIONS);
  const endpoint = endpointOf(workload, sink, options.group);
  if (!endpoint.credentialsSecretName) {
    throw invalid(
      workload,
      `clients of ${endpoint.url} show the certificate of their node, which only agents of this package mount: connect the workload to a sink with a password`,
    );
  }
  const object = objectOf(workload);
  requireCredentials(object, object.metadata.namespace ?? 'default', endpoint);
  const render = object.toJson.bind(object);
  object.toJson = () => {
    const manifest = render();
    addPushClient(workload, podSpec(workload, manifest), endpoint, options);
    return manifest;
  };
}

function objectOf(workload: Construct): ApiObject {
  try {
    return ApiObject.of(workload);
  } catch {
    throw invalid(workload, `it is no object of Kubernetes; allowed: ${construct.allowed}`);
  }
}

function podSpec(
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

function addPushClient(
  workload: Construct,
  spec: PodSpec,
  endpoint: PublicEndpoint,
  options: PushClientOptions,
): void {
  const container = spec.containers.find(({ name }) => name === (options.container ?? name));
  if (!container) {
    const names = spec.containers.map(({ name }) => name).join(', ');
    throw invalid(
      workload,
      `there is no container ${JSON.stringify(options.container)}; there are: ${names}`,
    );
  }
  spec.volumes = merged(workload, spec.volumes, volumes(endpoint));
  container.volumeMounts = merged(workload, container.volumeMounts, mounts(endpoint));
  container.env = merged(workload, container.env, environment(endpoint));
}

function merged(workload: Construct, existing: Named[] = [], added: Named[]): Named[] {
  const clash = added.find(({ name }) => existing.some((one) => one.name === name));
  if (clash)
    throw invalid(workload, `${clash.name} is there already: connect a container to one Pushgateway only`);
  return [...existing, ...added];
}

function volumes({ credentialsSecretName, privateCa }: PublicEndpoint): Named[] {
  const credentials = { name: 'push-credentials', secret: { secretName: credentialsSecretName } };
  return privateCa
    ? [credentials, { name: 'push-ca', configMap: { name: privateCa.configMapName } } as Named]
    : [credentials];
}

function mounts(endpoint: PublicEndpoint): Named[] {
  const credentials = { name: 'push-credentials', mountPath: CREDENTIALS_DIR, readOnly: true };
  return [credentials, ...caMounts(CA_DIR, endpoint, 'push-ca')];
}

function environment(endpoint: PublicEndpoint): Named[] {
  const { url, shards } = endpoint;
  const caFile = caFileIn(CA_DIR, endpoint);
  const variables = {
    PUSHGATEWAY_URL: url,
    ...(shards && { PUSHGATEWAY_SHARDS: String(shards) }),
    PUSHGATEWAY_CREDENTIALS_DIR: CREDENTIALS_DIR,
    ...(caFile && { PUSHGATEWAY_CA_FILE: caFile }),
  };
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}
