import { suggestedCommand } from '../process/command-lines';
import { podSpecOfManifest } from '../synthesis/pods';
import { type Check, type CheckContext, uniqueSorted } from './check';
import { type CheckFinding, okFinding, problemFinding } from './finding';

type Manifest = CheckContext['objects'][number]['manifest'];

/** A Secret that the manifests reference, its required keys, and the remedy if the Secret or a key is missing. */
interface SecretRequirement {
  readonly namespace: string;
  readonly name: string;
  readonly keys: readonly string[];
  readonly remedy: string;
}

/**
 * Checks whether the Secrets that the manifests reference exist and contain the keys that pods use. The check reads the names of
 * the keys, and not their values.
 */
export const secrets: Check = {
  name: 'Secrets',
  run: async ({ kubectl, ...context }) => {
    const found: CheckFinding[] = [];
    for (const wanted of mergeRequiredKeysOfSameSecret(listRequiredSecretsAndKeys(context))) {
      const { namespace, name } = wanted;
      const args = ['get', 'secret', name, '--namespace', namespace, '--ignore-not-found'];
      found.push(
        checkSecretHasKeys(wanted, await kubectl(...args, '--output', `go-template=${KEYS_TEMPLATE}`)),
      );
    }
    return found;
  },
};

/** Template for kubectl that prints the type of a Secret and the names of its keys, but no values. */
const KEYS_TEMPLATE = '{{.type}}{{range $key, $value := .data}} {{$key}}{{end}}';

function checkSecretHasKeys(
  { namespace, name, keys, remedy }: SecretRequirement,
  answer: string,
): CheckFinding {
  const id = `${namespace}/${name}`;
  const [type, ...there] = answer.trim().split(' ');
  if (!type) return problemFinding(`the Secret ${id} does not exist`, remedy);
  const missing = keys.filter((key) => !there.includes(key));
  if (!missing.length)
    return okFinding(`the Secret ${id} exists${keys.length ? ` with the keys ${keys.join(', ')}` : ''}`);
  return problemFinding(
    `the Secret ${id} does not contain ${missing.join(', ')}; its keys: ${there.join(', ') || 'none'}`,
    remedy,
  );
}

/** Merges requirements for the same Secret: returns each Secret once, with all of its required keys. */
function mergeRequiredKeysOfSameSecret(all: readonly SecretRequirement[]): SecretRequirement[] {
  const byId = new Map<string, SecretRequirement>();
  for (const wanted of all) {
    const id = `${wanted.namespace}/${wanted.name}`;
    const known = byId.get(id);
    byId.set(id, { ...(known ?? wanted), keys: uniqueSorted([...(known?.keys ?? []), ...wanted.keys]) });
  }
  return [...byId].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, wanted]) => wanted);
}

function listRequiredSecretsAndKeys({
  secrets: users,
  objects,
}: Pick<CheckContext, 'secrets' | 'objects'>): SecretRequirement[] {
  const made = users.map((secret) => ({
    namespace: secret.namespace,
    name: secret.name,
    keys: secret.side === 'server' ? [secret.format.key] : ['username', 'password'],
    remedy: `create the Secret with the output of ${suggestedCommand('credentials')}, see docs/secrets.md`,
  }));
  const manifests = objects.map(({ manifest }) => manifest);
  return [
    ...made,
    ...manifests.flatMap((one) => [
      ...listRequiredTlsSecrets(one),
      ...listSecretsMountedByWorkload(one, manifests),
      ...listSecretsReadAsEnvVariables(one),
      ...listImagePullSecrets(one),
    ]),
  ];
}

function listRequiredTlsSecrets({ kind, metadata, spec }: Manifest): SecretRequirement[] {
  const isSigned =
    kind === 'Certificate' ||
    Object.keys(metadata.annotations ?? {}).some((key) => /^cert-manager\.io\/.*issuer$/.test(key));
  const names = [
    ...(kind === 'Certificate' ? [spec.secretName] : []),
    ...(kind === 'Ingress' ? (spec.tls ?? []) : []).map(({ secretName }: Manifest) => secretName),
    ...(kind === 'Gateway' ? spec.listeners : []).flatMap(({ tls }: Manifest) =>
      (tls?.certificateRefs ?? []).map(({ name }: Manifest) => name),
    ),
  ];
  return names.filter(Boolean).map((name) => ({
    namespace: metadata.namespace,
    name,
    keys: ['tls.crt', 'tls.key'],
    remedy: isSigned
      ? `cert-manager creates the Secret after you apply the manifests; if the Secret is still missing, run kubectl describe certificate ${name} -n ${metadata.namespace}`
      : `kubectl create secret tls ${name} -n ${metadata.namespace} --cert=FILE --key=FILE, or set ingress.tls`,
  }));
}

/**
 * Returns the Secrets that the pods of a workload mount, except for optional Secrets. A mounted key is a file. Each
 * Secret must contain the keys that the configuration of the pods references as files.
 */
function listSecretsMountedByWorkload(
  manifest: Manifest,
  manifests: readonly Manifest[],
): SecretRequirement[] {
  const { namespace } = manifest.metadata;
  const { volumes = [], containers = [], initContainers = [] } = podSpecOfManifest(manifest) ?? {};
  const configuration = JSON.stringify([
    [...containers, ...initContainers].map(({ args, command, env }: Manifest) => [args, command, env]),
    ...volumes.map(({ configMap }: Manifest) => configMapData(configMap?.name, namespace, manifests)),
  ]);
  return volumes
    .filter(({ secret }: Manifest) => secret && !secret.optional)
    .map(({ name: volume, secret }: Manifest) => {
      const mounts: Manifest[] = containers.flatMap(({ volumeMounts = [] }: Manifest) =>
        volumeMounts.filter(({ name }: Manifest) => name === volume),
      );
      const keys = mounts.flatMap(({ mountPath }) =>
        findFileNamesUnderFolderInText(configuration, mountPath),
      );
      return {
        namespace,
        name: secret.secretName,
        keys,
        remedy: `create the Secret as docs/secrets.md describes for ${secret.secretName}`,
      };
    });
}

/**
 * Returns the Secrets and keys that the containers of a workload read as environment variables. Omits optional
 * references.
 */
function listSecretsReadAsEnvVariables(manifest: Manifest): SecretRequirement[] {
  const { containers = [], initContainers = [] } = podSpecOfManifest(manifest) ?? {};
  const references: Manifest[] = [...initContainers, ...containers]
    .flatMap(({ env = [] }: Manifest) => env)
    .flatMap(({ valueFrom }: Manifest) => valueFrom?.secretKeyRef ?? []);
  return references
    .filter(({ optional }) => !optional)
    .map(({ name, key }) => ({
      namespace: manifest.metadata.namespace,
      name,
      keys: [key],
      remedy: `create the Secret as docs/secrets.md describes for ${name}`,
    }));
}

const configMapData = (name: string, namespace: string, manifests: readonly Manifest[]): Manifest =>
  manifests.find(
    ({ kind, metadata }) =>
      kind === 'ConfigMap' && metadata.name === name && metadata.namespace === namespace,
  )?.data;

/** Returns the names of the files in a folder that a text references, such as `password` for `/etc/secret/password`. */
const findFileNamesUnderFolderInText = (text: string, folder: string): string[] =>
  text
    .split(`${folder}/`)
    .slice(1)
    .flatMap((rest) => /^[\w.-]*\w/.exec(rest)?.[0] ?? []);

function listImagePullSecrets(manifest: Manifest): SecretRequirement[] {
  const { imagePullSecrets = [] } = podSpecOfManifest(manifest) ?? {};
  return imagePullSecrets.map(({ name }: Manifest) => ({
    namespace: manifest.metadata.namespace,
    name,
    keys: ['.dockerconfigjson'],
    remedy: `kubectl create secret generic ${name} -n ${manifest.metadata.namespace} --type kubernetes.io/dockerconfigjson --from-file .dockerconfigjson=FILE, see docs/getting-started.md`,
  }));
}
