import { suggestedCommand } from '../process/command-lines';
import { podSpecOfManifest } from '../synthesis/pods';
import { type Check, type CheckContext, uniqueSorted } from './check';
import { type Found, ok, problem } from './finding';

type Manifest = CheckContext['objects'][number]['manifest'];

/** A Secret with its required keys, and how to create it. */
interface SecretRequirement {
  readonly namespace: string;
  readonly name: string;
  readonly keys: readonly string[];
  readonly remedy: string;
}

/**
 * Checks whether the Secrets exist that the manifests reference, with the keys that are used. Their values
 * are not read.
 */
export const secrets: Check = {
  name: 'Secrets',
  run: async ({ kubectl, ...context }) => {
    const found: Found[] = [];
    for (const wanted of mergeRequirements(secretRequirements(context))) {
      const { namespace, name } = wanted;
      const args = ['get', 'secret', name, '--namespace', namespace, '--ignore-not-found'];
      found.push(checkSecret(wanted, await kubectl(...args, '--output', `go-template=${KEYS_TEMPLATE}`)));
    }
    return found;
  },
};

/**
 * Template that prints the type of a Secret and the names of its keys, so that no password leaves the
 * cluster.
 */
const KEYS_TEMPLATE = '{{.type}}{{range $key, $value := .data}} {{$key}}{{end}}';

function checkSecret({ namespace, name, keys, remedy }: SecretRequirement, answer: string): Found {
  const id = `${namespace}/${name}`;
  const [type, ...there] = answer.trim().split(' ');
  if (!type) return problem(`${id} does not exist`, remedy);
  const missing = keys.filter((key) => !there.includes(key));
  if (!missing.length) return ok(`${id} exists${keys.length ? ` with ${keys.join(', ')}` : ''}`);
  return problem(`${id} lacks ${missing.join(', ')}; it has: ${there.join(', ') || 'nothing'}`, remedy);
}

/** Merges the required keys of each Secret. */
function mergeRequirements(all: readonly SecretRequirement[]): SecretRequirement[] {
  const byId = new Map<string, SecretRequirement>();
  for (const wanted of all) {
    const id = `${wanted.namespace}/${wanted.name}`;
    const known = byId.get(id);
    byId.set(id, { ...(known ?? wanted), keys: uniqueSorted([...(known?.keys ?? []), ...wanted.keys]) });
  }
  return [...byId].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, wanted]) => wanted);
}

function secretRequirements({
  secrets: users,
  objects,
}: Pick<CheckContext, 'secrets' | 'objects'>): SecretRequirement[] {
  const made = users.map((secret) => ({
    namespace: secret.namespace,
    name: secret.name,
    keys: secret.side === 'server' ? [secret.format.key] : ['username', 'password'],
    remedy: `${suggestedCommand('credentials')} prints it, see docs/secrets.md`,
  }));
  const manifests = objects.map(({ manifest }) => manifest);
  return [
    ...made,
    ...manifests.flatMap((one) => [
      ...tlsSecrets(one),
      ...mountedSecrets(one, manifests),
      ...envSecrets(one),
      ...pullSecrets(one),
    ]),
  ];
}

function tlsSecrets({ kind, metadata, spec }: Manifest): SecretRequirement[] {
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
      ? `cert-manager creates it once the manifests are applied: kubectl describe certificate ${name} -n ${metadata.namespace}`
      : `kubectl create secret tls ${name} -n ${metadata.namespace} --cert=FILE --key=FILE, or set ingress.tls`,
  }));
}

/** Returns Secrets that pods mount, with the files that their configuration references. */
function mountedSecrets(manifest: Manifest, manifests: readonly Manifest[]): SecretRequirement[] {
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
      const keys = mounts.flatMap(({ mountPath }) => referencedFileNames(configuration, mountPath));
      return {
        namespace,
        name: secret.secretName,
        keys,
        remedy: `see docs/secrets.md on ${secret.secretName}`,
      };
    });
}

/** Returns Secrets whose keys are used as environment variables. */
function envSecrets(manifest: Manifest): SecretRequirement[] {
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
      remedy: `see docs/secrets.md on ${name}`,
    }));
}

const configMapData = (name: string, namespace: string, manifests: readonly Manifest[]): Manifest =>
  manifests.find(
    ({ kind, metadata }) =>
      kind === 'ConfigMap' && metadata.name === name && metadata.namespace === namespace,
  )?.data;

/** Returns the files of a folder that a text references. */
const referencedFileNames = (text: string, folder: string): string[] =>
  text
    .split(`${folder}/`)
    .slice(1)
    .flatMap((rest) => /^[\w.-]*\w/.exec(rest)?.[0] ?? []);

function pullSecrets(manifest: Manifest): SecretRequirement[] {
  const { imagePullSecrets = [] } = podSpecOfManifest(manifest) ?? {};
  return imagePullSecrets.map(({ name }: Manifest) => ({
    namespace: manifest.metadata.namespace,
    name,
    keys: ['.dockerconfigjson'],
    remedy: `kubectl create secret generic ${name} -n ${manifest.metadata.namespace} --type kubernetes.io/dockerconfigjson --from-file .dockerconfigjson=FILE, see docs/getting-started.md`,
  }));
}
