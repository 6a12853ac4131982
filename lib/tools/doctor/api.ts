import { findUnservedApis, programToInstall } from '../applied/served-apis';
import { getObject } from '../process/kubectl';
import { abbreviateList, type Check, type CheckContext, uniqueSorted } from './check';
import { type Found, ok, problem, warning } from './finding';

/** The newest minor version of Kubernetes that the manifests were checked with. */
const NEWEST_TESTED_MINOR = 36;

/** Checks the version of the API server. */
export const version: Check = {
  name: 'Kubernetes',
  run: async ({ kubectl, kubernetesMinor }) => {
    const { serverVersion } = await getObject(kubectl, 'version');
    if (!serverVersion) throw new Error('kubectl version does not show the version of the API server');
    const { gitVersion } = serverVersion;
    const minor = Number.parseInt(serverVersion.minor, 10);
    if (minor < kubernetesMinor) {
      return [
        problem(
          `the API server is ${gitVersion}, but the manifests are for 1.${kubernetesMinor}`,
          `set kubernetesVersion to "1.${minor}" (at least "1.22"), and synthesize again`,
        ),
      ];
    }
    if (minor > NEWEST_TESTED_MINOR) {
      return [
        warning(
          `the API server is ${gitVersion}; the manifests were checked up to 1.${NEWEST_TESTED_MINOR}`,
          'check for a newer release of this project',
        ),
      ];
    }
    return [ok(`the API server is ${gitVersion}`)];
  },
};

/** Checks whether the cluster supports every kind of the manifests. */
export const apiGroups: Check = {
  name: 'API groups',
  run: async ({ kubectl, objects }) => {
    const { needed, missing } = await findUnservedApis(objects, kubectl);
    if (!missing.length) return [ok(`all ${needed.length} groups of the manifests are served`)];
    return missing.map((apiVersion) => {
      const program = programToInstall(apiVersion);
      return problem(
        `the API server does not serve ${apiVersion}`,
        program ? `install ${program}` : 'install what provides it, or set kubernetesVersion',
      );
    });
  },
};

/** Checks whether namespaces exist that the manifests use and do not create. */
export const namespaces: Check = {
  name: 'namespaces',
  run: async ({ kubectl, objects }) => {
    const text = await kubectl('get', 'namespaces', '--output', 'name');
    const there = text.split('\n').map((line) => line.trim().replace(/^namespace\//, ''));
    const made = objects
      .filter(({ manifest }) => manifest.kind === 'Namespace')
      .map(({ manifest }) => manifest.metadata.name);
    const foreign = uniqueSorted(peerNamespaces(objects)).filter((name) => !made.includes(name));
    return [
      ...made.filter((name) => !there.includes(name)).map(missingNamespaceProblem),
      ...checkReferencedNamespaces(foreign, there),
    ];
  },
};

const missingNamespaceProblem = (name: string): Found =>
  problem(`the namespace ${name} does not exist yet`, 'apply the manifests of kind Namespace first');

function checkReferencedNamespaces(names: readonly string[], there: readonly string[]): Found[] {
  const missing = names.filter((name) => !there.includes(name));
  if (!missing.length)
    return [ok(`namespaces that you create exist: ${abbreviateList(names) || 'none is needed'}`)];
  return missing.map((name) =>
    problem(
      `the namespace ${name}, from which NetworkPolicies allow connections, does not exist`,
      'install the ingress controller there, or set its namespace in ingress.controller',
    ),
  );
}

/** Returns the namespaces that NetworkPolicies reference by name. */
function peerNamespaces(objects: CheckContext['objects']): string[] {
  return objects
    .filter(({ manifest }) => manifest.kind === 'NetworkPolicy')
    .flatMap(({ manifest }) => manifest.spec.ingress ?? [])
    .flatMap(({ from = [] }) => from)
    .flatMap(
      ({ namespaceSelector }) => namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'] ?? [],
    );
}
