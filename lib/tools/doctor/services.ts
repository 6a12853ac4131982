import { type ClusterObject, getObjectIfExists, listObjects } from '../process/kubectl';
import { abbreviateList, type Check, type CheckContext, uniqueSorted } from './check';
import { type CheckFinding, okFinding, problemFinding } from './finding';

type Manifest = CheckContext['objects'][number]['manifest'];

/** Checks whether the IngressClasses and GatewayClasses that the manifests use exist. */
export const ingressClass: Check = {
  name: 'ingress class',
  run: async ({ kubectl, objects }) => {
    const kinds = [
      { kind: 'Ingress', classes: 'ingressclasses', named: ({ spec }: Manifest) => spec.ingressClassName },
      { kind: 'Gateway', classes: 'gatewayclasses', named: ({ spec }: Manifest) => spec.gatewayClassName },
    ];
    const found: CheckFinding[] = [];
    for (const { kind, classes, named } of kinds) {
      const wanted = uniqueSorted(
        manifestsOfKind(objects, kind).map((manifest) => String(named(manifest) ?? '')),
      );
      if (!wanted.length) continue;
      const there = await listObjects(kubectl, classes);
      found.push(...wanted.map((name) => checkIngressOrGatewayClassExists(name, there, kind)));
    }
    return found;
  },
};

function checkIngressOrGatewayClassExists(
  name: string,
  there: readonly ClusterObject[],
  kind: string,
): CheckFinding {
  const names = there.map(({ metadata }) => metadata.name);
  if (name) {
    if (names.includes(name)) return okFinding(`the ${kind}Class ${name} exists`);
    return problemFinding(
      `the ${kind}Class ${name} does not exist; existing classes: ${abbreviateList(names) || 'none'}`,
      'install the controller, or set className in ingress.controller to an existing class',
    );
  }
  const isDefaultIngressClass = ({ metadata }: ClusterObject) =>
    metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true';
  if (there.some(isDefaultIngressClass)) return okFinding(`the cluster has a default ${kind}Class`);
  return problemFinding(
    `the cluster has no default ${kind}Class; existing classes: ${abbreviateList(names) || 'none'}`,
    'set className in ingress.controller, or annotate a class as the default',
  );
}

/** Checks whether the cert-manager issuers that the manifests use exist and are ready. */
export const certManager: Check = {
  name: 'cert-manager',
  run: async ({ kubectl, objects }) => {
    const found: CheckFinding[] = [];
    for (const issuer of kubectlArgsForIssuers(objects)) {
      const [kind = '', name = '', ...where] = issuer.split(' ');
      const answer = await getObjectIfExists(kubectl, 'get', kind, name, ...where).catch(
        (error: Error) => error,
      );
      const title = `${kind.startsWith('cluster') ? 'ClusterIssuer' : 'Issuer'} ${name}`;
      found.push(checkIssuerReady(title, `kubectl describe ${issuer}`, answer));
    }
    return found;
  },
};

/**
 * Returns one text for each cert-manager issuer: the arguments for `kubectl get`, such as
 * `clusterissuers.cert-manager.io letsencrypt`.
 */
function kubectlArgsForIssuers(objects: CheckContext['objects']): string[] {
  return uniqueSorted(
    objects.flatMap(({ manifest: { kind, metadata, spec } }) => {
      const { annotations = {}, namespace } = metadata;
      const issuerNameIfOfKind = (issuerKind: string): string | undefined =>
        kind === 'Certificate' && spec.issuerRef.kind === issuerKind ? spec.issuerRef.name : undefined;
      const ofAll = annotations['cert-manager.io/cluster-issuer'] ?? issuerNameIfOfKind('ClusterIssuer');
      const own = annotations['cert-manager.io/issuer'] ?? issuerNameIfOfKind('Issuer');
      return [
        ...(ofAll ? [`clusterissuers.cert-manager.io ${ofAll}`] : []),
        ...(own ? [`issuers.cert-manager.io ${own} --namespace ${namespace}`] : []),
      ];
    }),
  );
}

function checkIssuerReady(
  name: string,
  describeCommand: string,
  answer: ClusterObject | Error,
): CheckFinding {
  if (answer instanceof Error) {
    if (!/doesn't have a resource type/.test(answer.message)) throw answer;
    return problemFinding(
      'cert-manager is not installed',
      'install cert-manager; or remove ingress.tls and create the Secrets with the certificates yourself',
    );
  }
  if (!answer)
    return problemFinding(
      `the ${name} does not exist`,
      'create the issuer, or set an existing issuer in ingress.tls',
    );
  const ready = answer.status?.conditions?.find(({ type }: ClusterObject) => type === 'Ready');
  if (ready?.status === 'True') return okFinding(`the ${name} is ready`);
  return problemFinding(
    `the ${name} is not ready: ${ready?.message ?? 'its status contains no reason'}`,
    `run ${describeCommand}`,
  );
}

/** Checks whether the storage classes of the volumes exist. */
export const storageClass: Check = {
  name: 'storage class',
  run: async ({ kubectl, objects }) => {
    const there = await listObjects(kubectl, 'storageclasses');
    const claims = [
      ...manifestsOfKind(objects, 'PersistentVolumeClaim'),
      ...manifestsOfKind(objects, 'StatefulSet').flatMap(({ spec }) => spec.volumeClaimTemplates ?? []),
    ];
    const wanted = uniqueSorted(claims.map(({ spec }) => String(spec.storageClassName ?? '')));
    return wanted.map((name) => checkStorageClassExists(name, there));
  },
};

function checkStorageClassExists(name: string, there: readonly ClusterObject[]): CheckFinding {
  const names = there.map(({ metadata }) => metadata.name);
  if (name) {
    if (names.includes(name)) return okFinding(`the storage class ${name} exists`);
    return problemFinding(
      `the storage class ${name} does not exist; existing classes: ${abbreviateList(names) || 'none'}`,
      'create the storage class, or set storage.className to an existing class',
    );
  }
  const standard = there.find(
    ({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
  );
  if (standard) return okFinding(`the default storage class is ${standard.metadata.name}`);
  return problemFinding(
    `the cluster has no default storage class; existing classes: ${abbreviateList(names) || 'none'}`,
    'set storage.className, or mark a class as the default',
  );
}

const manifestsOfKind = (objects: CheckContext['objects'], kind: string): Manifest[] =>
  objects.filter(({ manifest }) => manifest.kind === kind).map(({ manifest }) => manifest);
