import { type ClusterObject, getObjectIfExists } from '../process/kubectl';
import type { Check, CheckContext } from './check';
import { type CheckFinding, okFinding, problemFinding } from './finding';

type Manifest = CheckContext['objects'][number]['manifest'];

const GATEWAYS = 'gateways.gateway.networking.k8s.io';

/**
 * Checks whether the Gateways to which routes refer exist, and whether they have suitable listeners. For Gateways that the manifests create,
 * checks whether ACME issuers can issue the certificates.
 */
export const gateways: Check = {
  name: 'gateways',
  run: async ({ kubectl, objects }) => {
    const manifests = objects.map(({ manifest }) => manifest);
    const made = manifests.filter(({ kind }) => kind === 'Gateway');
    const found: CheckFinding[] = [];
    for (const gateway of made) {
      const issuer = await readCertManagerIssuerOfGateway(gateway, (...args) =>
        getObjectIfExists(kubectl, 'get', ...args),
      );
      if (issuer?.spec?.acme) found.push(checkAcmeSolvers(gateway, issuer));
    }
    for (const { parent, hosts } of findGatewaysOutsideOfManifests(manifests, made)) {
      const where = ['--namespace', parent.namespace];
      const there = await getObjectIfExists(kubectl, 'get', GATEWAYS, parent.name, ...where);
      found.push(...checkGatewayHasListenersForHosts(parent, hosts, there));
    }
    return found;
  },
};

type Get = (...args: string[]) => Promise<ClusterObject | undefined>;

/**
 * Reads the cert-manager issuer of a Gateway's certificates. Returns `undefined` if the Gateway has no issuer, or if the issuer
 * does not exist.
 */
async function readCertManagerIssuerOfGateway(
  { metadata: { annotations = {}, namespace } }: Manifest,
  get: Get,
) {
  const ofAll = annotations['cert-manager.io/cluster-issuer'];
  const own = annotations['cert-manager.io/issuer'];
  if (ofAll) return get('clusterissuers.cert-manager.io', ofAll);
  return own ? get('issuers.cert-manager.io', own, '--namespace', namespace) : undefined;
}

/**
 * Checks whether an ACME issuer can solve challenges for a Gateway: it has a DNS-01 solver, or an HTTP-01 solver that references
 * the Gateway. An HTTP-01 solver with an Ingress does not work, because the Gateway does not serve Ingresses.
 */
function checkAcmeSolvers({ metadata: { namespace, name } }: Manifest, issuer: ClusterObject): CheckFinding {
  const solvers: ClusterObject[] = issuer.spec.acme.solvers ?? [];
  const isAcmeSolverForGateway = ({ http01 }: ClusterObject): boolean =>
    (http01?.gatewayHTTPRoute?.parentRefs ?? []).some(
      (parent: ClusterObject) => parent.name === name && (parent.namespace ?? namespace) === namespace,
    );
  const issuerName = issuer.metadata.name;
  if (solvers.some((solver) => solver.dns01 || isAcmeSolverForGateway(solver))) {
    return okFinding(`the issuer ${issuerName} can solve challenges for the Gateway ${name}`);
  }
  return problemFinding(
    `no solver of the issuer ${issuerName} uses the Gateway ${namespace}/${name}, so certificates cannot be issued`,
    `add a solver to the issuer: http01.gatewayHTTPRoute with parentRefs [{ name: ${name}, namespace: ${namespace}, kind: Gateway }], or dns01`,
  );
}

/** A reference of a route to a Gateway. */
interface GatewayReference {
  readonly name: string;
  readonly namespace: string;
  readonly sectionName?: string;
  readonly port?: number;
  /** Whether the listener must pass TLS connections through to the backend (`tls.mode: Passthrough`). */
  readonly isPassthrough: boolean;
}

/** Returns the Gateways to which routes refer and that the manifests do not create, with the hosts of these routes. */
function findGatewaysOutsideOfManifests(manifests: readonly Manifest[], made: readonly Manifest[]) {
  const isGatewayInManifests = (parent: GatewayReference) =>
    made.some(({ metadata }) => metadata.name === parent.name && metadata.namespace === parent.namespace);
  const byParent = new Map<string, { parent: GatewayReference; hosts: string[] }>();
  for (const { kind, metadata, spec } of manifests) {
    if (kind !== 'HTTPRoute' && kind !== 'TLSRoute') continue;
    for (const ref of spec.parentRefs ?? []) {
      const isPassthrough = kind === 'TLSRoute';
      const parent: GatewayReference = {
        ...ref,
        namespace: ref.namespace ?? metadata.namespace,
        isPassthrough,
      };
      if (isGatewayInManifests(parent)) continue;
      const key = JSON.stringify(parent);
      const known = byParent.get(key) ?? { parent, hosts: [] };
      byParent.set(key, { ...known, hosts: [...known.hosts, ...(spec.hostnames ?? [])] });
    }
  }
  return [...byParent.values()];
}

function checkGatewayHasListenersForHosts(
  parent: GatewayReference,
  hosts: readonly string[],
  gateway: ClusterObject | undefined,
): CheckFinding[] {
  const name = `${parent.namespace}/${parent.name}`;
  if (!gateway) {
    return [
      problemFinding(
        `the Gateway ${name} does not exist`,
        'create the Gateway, or set another Gateway in envoyGateway()',
      ),
    ];
  }
  const listeners: ClusterObject[] = (gateway.spec?.listeners ?? []).filter(
    (listener: ClusterObject) =>
      (parent.sectionName ?? listener.name) === listener.name &&
      (parent.port ?? listener.port) === listener.port &&
      ['HTTPS', 'TLS'].includes(listener.protocol) &&
      (listener.tls?.mode === 'Passthrough') === parent.isPassthrough,
  );
  return hosts.map((host) =>
    listeners.some(({ hostname }) => listenerCoversHost(hostname, host))
      ? okFinding(`the Gateway ${name} has a listener for ${host}`)
      : problemFinding(
          `no listener of the Gateway ${name} ${parent.isPassthrough ? 'passes TLS through' : 'terminates TLS'} for ${host}`,
          `add a listener ${parent.isPassthrough ? 'with tls.mode Passthrough' : `with the certificate of ${host}`} that allows routes from the namespace of the stack`,
        ),
  );
}

/**
 * Returns whether the `hostname` of a listener covers a host. A listener without `hostname` covers every host. A wildcard
 * such as `*.example.com` covers one or more labels.
 */
const listenerCoversHost = (hostname: string | undefined, host: string): boolean =>
  !hostname || hostname === host || (hostname.startsWith('*.') && host.endsWith(hostname.slice(1)));
