import { type ClusterObject, getObjectIfExists, listObjects } from '../process/kubectl';
import { abbreviateList, type Check, type CheckContext, uniqueSorted } from './check';
import { type Found, ok, problem } from './finding';

type Manifest = CheckContext['objects'][number]['manifest'];

/** Checks whether a controller serves the Ingresses and Gateways. */
export const ingressClass: Check = {
  name: 'ingress class',
  run: async ({ kubectl, objects }) => {
    const kinds = [
      { kind: 'Ingress', classes: 'ingressclasses', named: ({ spec }: Manifest) => spec.ingressClassName },
      { kind: 'Gateway', classes: 'gatewayclasses', named: ({ spec }: Manifest) => spec.gatewayClassName },
    ];
    const found: Found[] = [];
    for (const { kind, classes, named } of kinds) {
      const wanted = uniqueSorted(
        manifestsOfKind(objects, kind).map((manifest) => String(named(manifest) ?? '')),
      );
      if (!wanted.length) continue;
      const there = await listObjects(kubectl, classes);
      found.push(...wanted.map((name) => checkControllerClass(name, there, kind)));
    }
    return found;
  },
};

function checkControllerClass(name: string, there: readonly ClusterObject[], kind: string): Found {
  const names = there.map(({ metadata }) => metadata.name);
  if (name) {
    if (names.includes(name)) return ok(`${name} exists`);
    return problem(
      `${kind}Class ${name} does not exist; existing: ${abbreviateList(names) || 'none'}`,
      'install the controller, or set its class (className) in ingress.controller',
    );
  }
  const isDefault = ({ metadata }: ClusterObject) =>
    metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true';
  if (there.some(isDefault)) return ok('the cluster has a default class');
  return problem(
    `the cluster has no default class; existing: ${abbreviateList(names) || 'none'}`,
    'set one (className) in ingress.controller, or mark one as the default',
  );
}

/** Checks whether the cert-manager issuers are ready. */
export const certManager: Check = {
  name: 'cert-manager',
  run: async ({ kubectl, objects }) => {
    const found: Found[] = [];
    for (const issuer of issuerArguments(objects)) {
      const [kind = '', name = '', ...where] = issuer.split(' ');
      const answer = await getObjectIfExists(kubectl, 'get', kind, name, ...where).catch(
        (error: Error) => error,
      );
      found.push(checkIssuer(`${kind.split('.')[0]} ${name}`, answer));
    }
    return found;
  },
};

/** Returns the issuers in kubectl's notation. */
function issuerArguments(objects: CheckContext['objects']): string[] {
  return uniqueSorted(
    objects.flatMap(({ manifest: { kind, metadata, spec } }) => {
      const { annotations = {}, namespace } = metadata;
      const issuerName = (issuerKind: string): string | undefined =>
        kind === 'Certificate' && spec.issuerRef.kind === issuerKind ? spec.issuerRef.name : undefined;
      const ofAll = annotations['cert-manager.io/cluster-issuer'] ?? issuerName('ClusterIssuer');
      const own = annotations['cert-manager.io/issuer'] ?? issuerName('Issuer');
      return [
        ...(ofAll ? [`clusterissuers.cert-manager.io ${ofAll}`] : []),
        ...(own ? [`issuers.cert-manager.io ${own} --namespace ${namespace}`] : []),
      ];
    }),
  );
}

function checkIssuer(name: string, answer: ClusterObject | Error): Found {
  if (answer instanceof Error) {
    if (!/doesn't have a resource type/.test(answer.message)) throw answer;
    return problem('cert-manager is not installed', 'install it, or omit ingress.tls and create the Secrets');
  }
  if (!answer) return problem(`${name} does not exist`, 'create it, or set another one in ingress.tls');
  const ready = answer.status?.conditions?.find(({ type }: ClusterObject) => type === 'Ready');
  if (ready?.status === 'True') return ok(`${name} is ready`);
  return problem(`${name} is not ready: ${ready?.message ?? 'it says nothing'}`, 'see kubectl describe');
}

/** Checks whether volumes can be provisioned. */
export const storageClass: Check = {
  name: 'storage class',
  run: async ({ kubectl, objects }) => {
    const there = await listObjects(kubectl, 'storageclasses');
    const claims = [
      ...manifestsOfKind(objects, 'PersistentVolumeClaim'),
      ...manifestsOfKind(objects, 'StatefulSet').flatMap(({ spec }) => spec.volumeClaimTemplates ?? []),
    ];
    const wanted = uniqueSorted(claims.map(({ spec }) => String(spec.storageClassName ?? '')));
    return wanted.map((name) => checkStorageClass(name, there));
  },
};

function checkStorageClass(name: string, there: readonly ClusterObject[]): Found {
  const names = there.map(({ metadata }) => metadata.name);
  if (name) {
    if (names.includes(name)) return ok(`${name} exists`);
    return problem(
      `there is no storage class ${name}; existing: ${abbreviateList(names) || 'none'}`,
      'create it, or set another one in storage.className',
    );
  }
  const standard = there.find(
    ({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
  );
  if (standard) return ok(`the default is ${standard.metadata.name}`);
  return problem(
    `the cluster has no default storage class; existing: ${abbreviateList(names) || 'none'}`,
    'set one in storage.className, or mark one as the default',
  );
}

const manifestsOfKind = (objects: CheckContext['objects'], kind: string): Manifest[] =>
  objects.filter(({ manifest }) => manifest.kind === kind).map(({ manifest }) => manifest);
