import { type Existing, tryGetPrinted } from '../process/kubectl';
import type { Check, Examination } from './examination';
import { type Found, ok, problem } from './finding';

type Manifest = Examination['objects'][number]['manifest'];

const GATEWAYS = 'gateways.gateway.networking.k8s.io';

/** Checks whether Gateways support what routes and issuers need. */
export const gateways: Check = {
  name: 'gateways',
  look: async ({ kubectl, objects }) => {
    const manifests = objects.map(({ manifest }) => manifest);
    const made = manifests.filter(({ kind }) => kind === 'Gateway');
    const found: Found[] = [];
    for (const gateway of made) {
      const issuer = await issuerReference(gateway, (...args) => tryGetPrinted(kubectl, 'get', ...args));
      if (issuer?.spec?.acme) found.push(checkSolvers(gateway, issuer));
    }
    for (const { parent, hosts } of existingParents(manifests, made)) {
      const where = ['--namespace', parent.namespace];
      const there = await tryGetPrinted(kubectl, 'get', GATEWAYS, parent.name, ...where);
      found.push(...checkExistingGateway(parent, hosts, there));
    }
    return found;
  },
};

type Get = (...args: string[]) => Promise<Existing | undefined>;

/** Returns the issuer of a Gateway's certificates, if it has one that exists. */
async function issuerReference({ metadata: { annotations = {}, namespace } }: Manifest, get: Get) {
  const ofAll = annotations['cert-manager.io/cluster-issuer'];
  const own = annotations['cert-manager.io/issuer'];
  if (ofAll) return get('clusterissuers.cert-manager.io', ofAll);
  return own ? get('issuers.cert-manager.io', own, '--namespace', namespace) : undefined;
}

/** Reports an issuer whose HTTP-01 challenges use an Ingress, which no Gateway serves. */
function checkSolvers({ metadata: { namespace, name } }: Manifest, issuer: Existing): Found {
  const solvers: Existing[] = issuer.spec.acme.solvers ?? [];
  const referencesGateway = ({ http01 }: Existing): boolean =>
    (http01?.gatewayHTTPRoute?.parentRefs ?? []).some(
      (parent: Existing) => parent.name === name && (parent.namespace ?? namespace) === namespace,
    );
  const issuerName = issuer.metadata.name;
  if (solvers.some((solver) => solver.dns01 || referencesGateway(solver))) {
    return ok(`${issuerName} can solve challenges for the Gateway ${name}`);
  }
  return problem(
    `no solver of ${issuerName} uses the Gateway ${namespace}/${name}: certificates cannot be issued`,
    `give it http01.gatewayHTTPRoute with parentRefs [{ name: ${name}, namespace: ${namespace}, kind: Gateway }], or dns01`,
  );
}

interface Parent {
  readonly name: string;
  readonly namespace: string;
  readonly sectionName?: string;
  readonly port?: number;
  /** Whether the listener has to pass TLS on. */
  readonly passesTls: boolean;
}

/** Returns Gateways that routes reference and the manifests do not create. */
function existingParents(manifests: readonly Manifest[], made: readonly Manifest[]) {
  const isMade = (parent: Parent) =>
    made.some(({ metadata }) => metadata.name === parent.name && metadata.namespace === parent.namespace);
  const byParent = new Map<string, { parent: Parent; hosts: string[] }>();
  for (const { kind, metadata, spec } of manifests) {
    if (kind !== 'HTTPRoute' && kind !== 'TLSRoute') continue;
    for (const ref of spec.parentRefs ?? []) {
      const passesTls = kind === 'TLSRoute';
      const parent: Parent = { ...ref, namespace: ref.namespace ?? metadata.namespace, passesTls };
      if (isMade(parent)) continue;
      const key = JSON.stringify(parent);
      const known = byParent.get(key) ?? { parent, hosts: [] };
      byParent.set(key, { ...known, hosts: [...known.hosts, ...(spec.hostnames ?? [])] });
    }
  }
  return [...byParent.values()];
}

function checkExistingGateway(
  parent: Parent,
  hosts: readonly string[],
  gateway: Existing | undefined,
): Found[] {
  const name = `${parent.namespace}/${parent.name}`;
  if (!gateway) {
    return [problem(`the Gateway ${name} does not exist`, 'create it, or set another one in envoyGateway')];
  }
  const listeners: Existing[] = (gateway.spec?.listeners ?? []).filter(
    (listener: Existing) =>
      (parent.sectionName ?? listener.name) === listener.name &&
      (parent.port ?? listener.port) === listener.port &&
      ['HTTPS', 'TLS'].includes(listener.protocol) &&
      (listener.tls?.mode === 'Passthrough') === parent.passesTls,
  );
  return hosts.map((host) =>
    listeners.some(({ hostname }) => coversHost(hostname, host))
      ? ok(`the Gateway ${name} listens for ${host}`)
      : problem(
          `no listener of the Gateway ${name} ${parent.passesTls ? 'passes TLS through' : 'terminates TLS'} for ${host}`,
          `${parent.passesTls ? 'add one with tls.mode Passthrough' : 'add one with its certificate'}, which allows routes of the namespace of the hosts`,
        ),
  );
}

/**
 * Whether a listener's host name matches a host: an empty one matches any, and a wildcard one or more labels.
 */
const coversHost = (hostname: string | undefined, host: string): boolean =>
  !hostname || hostname === host || (hostname.startsWith('*.') && host.endsWith(hostname.slice(1)));
