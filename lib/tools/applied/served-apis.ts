import type { Kubectl } from '../process/kubectl';
import type { RenderedObject } from '../synthesis/render';

/** Names of the programs that provide APIs. The pattern before a name matches the API groups of this program. */
const PROGRAMS_BY_GROUP: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)argoproj\.io$/, 'Argo CD'],
  [/(^|\.)cert-manager\.io$/, 'cert-manager'],
  [/(^|\.)external-secrets\.io$/, 'External Secrets'],
  [/^gateway\.envoyproxy\.io$/, 'Envoy Gateway'],
  [/^gateway\.networking\.k8s\.io$/, 'the CRDs of the Gateway API'],
  [
    /^monitoring\.coreos\.com$/,
    'the Prometheus Operator with its CRDs, for example with kube-prometheus-stack',
  ],
  [/^traefik\.io$/, 'Traefik 3 with its CRDs'],
];

/**
 * Returns the program to install for an API version, such as `cert-manager` for `cert-manager.io/v1`. Returns `undefined` for
 * APIs of Kubernetes itself and for unknown APIs.
 */
export function findProgramProvidingApi(apiVersion: string): string | undefined {
  const group = apiVersion.split('/')[0] ?? '';
  return PROGRAMS_BY_GROUP.find(([pattern]) => pattern.test(group))?.[1];
}

/**
 * Returns the API versions of the objects, such as `apps/v1` (`needed`), and the needed API versions that the API server does
 * not serve (`missing`).
 * @throws Error when kubectl fails.
 */
export async function findNeededAndMissingApis(
  objects: readonly RenderedObject[],
  kubectl: Kubectl,
): Promise<{ needed: readonly string[]; missing: readonly string[] }> {
  const served = (await kubectl('api-versions')).split('\n').map((line) => line.trim());
  const needed = [...new Set(objects.map(({ manifest }) => String(manifest.apiVersion)))].sort();
  return { needed, missing: needed.filter((apiVersion) => !served.includes(apiVersion)) };
}
